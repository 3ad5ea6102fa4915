internal import CVipsShim
internal import ImagingProtocol

/// A picture in libvips' hands, owned here.
struct Picture: ~Copyable {
  private let handle: OpaquePointer

  /// Nil where libvips answered nothing; its text then says why.
  init?(_ handle: OpaquePointer?) {
    guard let handle else { return nil }
    self.handle = handle
  }

  /// A small black one, to try an encoder with.
  static func blank() -> Picture? { Picture(millrace_picture_blank()) }

  deinit { millrace_picture_close(handle) }

  borrowing func facts() -> PictureFacts {
    var facts = millrace_picture_facts()
    millrace_picture_read_facts(handle, &facts)
    return PictureFacts(
      width: Int(facts.width), height: Int(facts.height), frameHeight: Int(facts.frame_height),
      pages: Int(facts.pages), orientation: Int(facts.orientation), hasAlpha: facts.has_alpha != 0,
      isInk: facts.is_ink != 0,
      loader: withUnsafeBytes(of: facts.loader) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }

  borrowing func carries(_ field: String) -> Bool { millrace_picture_has_field(handle, field) != 0 }

  borrowing func pixel(x: Int32, y: Int32) -> [Double]? {
    var count: Int32 = 0
    var values = [0.0, 0.0, 0.0, 0.0]
    guard millrace_picture_read_pixel(handle, x, y, &values, &count) == 0 else { return nil }
    return Array(values.prefix(Int(count)))
  }

  /// A part of it, in memory.
  borrowing func cut(to part: Rectangle) -> Picture? { Picture(millrace_picture_cut(handle, part.plain)) }

  /// The part of a size that is the most interesting by a measure of libvips.
  borrowing func interestingPart(width: Int, height: Int, by method: CropMethod) -> Rectangle? {
    var part = Rectangle(left: 0, top: 0, width: width, height: height).plain
    guard millrace_picture_find(handle, method == .attention ? 1 : 0, &part) == 0 else { return nil }
    return Rectangle(left: Int(part.left), top: Int(part.top), width: width, height: height)
  }

  /// One of the frames that stand below each other in this picture, upright.
  borrowing func frame(_ number: Int) -> Picture? { Picture(millrace_frames_take(handle, Int32(number))) }

  /// A part of each frame, scaled to a size and in sRGB; `isManaged` where a profile says what the colours are.
  borrowing func framesScaled(_ part: Rectangle, width: Int, height: Int, isManaged: Bool = false) -> Picture? {
    Picture(millrace_frames_scale(handle, part.plain, Int32(width), Int32(height), isManaged ? 1 : 0))
  }

  borrowing func reduced(toWidth width: Int, height: Int) -> Picture? {
    Picture(millrace_picture_reduce(handle, Int32(width), Int32(height)))
  }

  borrowing func flattened(red: UInt8, green: UInt8, blue: UInt8) -> Picture? {
    Picture(millrace_picture_flatten(handle, Double(red), Double(green), Double(blue)))
  }

  /// The compressed file, without metadata; nil where libvips could not make it.
  borrowing func encoded(as format: OutputFormat, quality: Int) -> [UInt8]? {
    var bytes: UnsafeMutableRawPointer?
    var count = 0
    let failed =
      switch format {
      case .webp: millrace_picture_encode_webp(handle, Int32(quality), &bytes, &count)
      case .jpeg: millrace_picture_encode_jpeg(handle, Int32(quality), &bytes, &count)
      case .png: millrace_picture_encode_png(handle, &bytes, &count)
      case .avif: millrace_picture_encode_avif(handle, Int32(quality), &bytes, &count)
      }
    guard failed == 0, let bytes else { return nil }
    defer { millrace_vips_free(bytes) }
    let file = Array(UnsafeRawBufferPointer(start: bytes, count: count))
    return format == .webp ? WebPContainer.withoutMetadata(file) : file
  }
}

/// What libvips knows of a picture without decoding it.
struct PictureFacts {
  let width: Int
  let height: Int
  /// The height of one frame, where the picture holds several below each other.
  let frameHeight: Int
  let pages: Int
  let orientation: Int
  let hasAlpha: Bool
  /// Whether the colours are those of printing inks: CMYK.
  let isInk: Bool
  /// libvips' name of what read it: `jpegload_source`.
  let loader: String
}
