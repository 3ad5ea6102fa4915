internal import CVipsShim
internal import ImagingProtocol

/// A file that an allowed loader recognised, its header read and nothing decoded.
struct PictureFile: ~Copyable {
  /// What the header says.
  let source: SourcePicture
  private let file: InputFile
  private let handle: OpaquePointer
  /// Whether a profile, its own or that of inks, says what its colours are.
  let isManaged: Bool

  /// - Throws: `not_a_picture` where no allowed loader knows the content, or why its header cannot be read.
  init(_ path: String) throws(ImagingFailure) {
    let file = try InputFile(path)
    guard let handle = millrace_source_open(file.descriptor) else {
      throw ImagingFailure(.inputUnreadable, fields: ["detail": Vips.takeError()])
    }
    do throws(ImagingFailure) {
      (source, isManaged) = try Self.describe(handle, file)
    } catch {
      millrace_source_close(handle)
      throw error
    }
    self.file = file
    self.handle = handle
  }

  deinit { millrace_source_close(handle) }

  /// Decodes upright, in sRGB, to fit a box and never larger than the picture is.
  borrowing func decode(width: Int, height: Int) throws(ImagingFailure) -> Picture {
    guard
      let picture = Picture(
        millrace_picture_decode(handle, Int32(width), Int32(height), isManaged ? 1 : 0))
    else {
      throw DecodingFailure.classify(Vips.takeError(), file)
    }
    return picture
  }

  /// Decodes every frame as stored and in full, one below the other.
  borrowing func decodeFrames() throws(ImagingFailure) -> Picture {
    guard source.format != .gif || GIFContainer.isWhole(file) else { throw ImagingFailure(.truncatedPicture) }
    guard let frames = Picture(millrace_source_decode_frames(handle)) else {
      throw DecodingFailure.classify(Vips.takeError(), file)
    }
    return frames
  }

  private static func describe(
    _ handle: OpaquePointer, _ file: borrowing InputFile
  ) throws(ImagingFailure) -> (source: SourcePicture, isManaged: Bool) {
    guard millrace_source_is_known(handle) != 0 else {
      _ = Vips.takeError()
      throw ImagingFailure(.notAPicture)
    }
    guard let picture = Picture(millrace_picture_open(handle)) else {
      throw DecodingFailure.classify(Vips.takeError(), file)
    }
    let facts = picture.facts()
    guard let format = InputFormat(loader: facts.loader) else { throw ImagingFailure(.notAPicture) }
    let metadata = ["exif-data": "exif", "icc-profile-data": "icc", "iptc-data": "iptc", "xmp-data": "xmp"]
    let carried = metadata.keys.filter { picture.carries($0) }.compactMap { metadata[$0] }.sorted()
    // Orientations 5 to 8 lie on their side: https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, 4.6.5
    let isOnItsSide = (5...8).contains(facts.orientation)
    let source = SourcePicture(
      format: format, width: isOnItsSide ? facts.height : facts.width,
      height: isOnItsSide ? facts.width : facts.height, pages: facts.pages, orientation: facts.orientation,
      hasAlpha: facts.hasAlpha, metadata: carried)
    return (source, facts.isInk || carried.contains("icc"))
  }
}

extension InputFormat {
  /// The format behind libvips' name of a loader: `pngload_source`.
  fileprivate init?(loader: String) {
    guard let format = Self.allCases.first(where: { loader.hasPrefix("\($0.rawValue)load") }) else { return nil }
    self = format
  }
}
