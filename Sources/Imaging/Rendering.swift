internal import ImagingProtocol

/// Makes every requested size of a picture from one decoding.
struct Rendering {
  let request: RenderRequest

  /// - Throws: `bad_request` with the name of a field that is out of its bounds.
  init(_ request: RenderRequest) throws(ImagingFailure) {
    self.request = request
    try require(request.input.hasPrefix("/"), "input")
    try require(request.outputFolder.hasPrefix("/"), "output_folder")
    try require((1...32).contains(request.widths.count), "widths")
    try require(request.widths.allSatisfy((1...16_383).contains), "widths")
    try require((1...100).contains(request.quality), "quality")
    try require(request.maxPixels > 0, "max_pixels")
    // libvips counts the frames of a GIF no further than 4097.
    try require((1...4096).contains(request.maxFrames), "max_frames")
    try require(request.maxFramePixels > 0, "max_frame_pixels")
    try require(request.animation == .first || request.format.canMove, "animation")
    guard let crop = request.crop else { return }
    try require((1...1000).contains(crop.across) && (1...1000).contains(crop.down), "crop")
    try require((0...1).contains(crop.focus.x) && (0...1).contains(crop.focus.y), "crop")
  }

  private func require(_ condition: Bool, _ field: String) throws(ImagingFailure) {
    guard condition else { throw ImagingFailure(.badRequest, fields: ["field": field]) }
  }

  func run() throws(ImagingFailure) -> PictureReport {
    guard Vips.writable.contains(request.format) else {
      let available = Vips.writable.map(\.rawValue).joined(separator: ", ")
      throw ImagingFailure(
        .formatUnavailable, fields: ["format": request.format.rawValue, "available": available])
    }
    let file = try PictureFile(request.input)
    try PixelBound.check(file.source, maxPixels: request.maxPixels)
    let framing = Framing(
      file.source, crop: request.crop, widths: request.widths, longestSide: request.format.longestSide)
    let moves = request.animation == .keep && file.source.pages > 1
    let files = moves ? try renderFrames(of: file, framing) : try renderStill(file, framing)
    return PictureReport(source: file.source, files: files)
  }

  private func renderStill(_ file: borrowing PictureFile, _ framing: Framing) throws(ImagingFailure) -> [RenderedFile] {
    guard let widest = framing.sizes.first else { return [] }
    let largest = try opaqueWhereNeeded(try largest(of: file, framing, widest))
    var files = [try write(largest, widest.requested)]
    for size in framing.sizes.dropFirst() {
      guard let reduced = largest.reduced(toWidth: size.width, height: request.format.longestSide) else {
        throw outputFailure()
      }
      files.append(try write(reduced, size.requested))
    }
    return files
  }

  private func largest(
    of file: borrowing PictureFile, _ framing: Framing, _ size: Framing.Size
  ) throws(ImagingFailure) -> Picture {
    guard let crop = request.crop else {
      return try file.decode(width: size.width, height: request.format.longestSide)
    }
    let decoded = try file.decode(width: framing.decodedWidth(for: size, of: file.source), height: Framing.anyHeight)
    let facts = decoded.facts()
    let part = try part(
      of: decoded, width: min(size.width, facts.width), height: min(size.height, facts.height), by: crop)
    guard let cut = decoded.cut(to: part) else { throw outputFailure() }
    return cut
  }

  /// Where in an upright picture the part lies that is shown.
  func part(
    of picture: borrowing Picture, width: Int, height: Int, by crop: Crop
  ) throws(ImagingFailure) -> Rectangle {
    if crop.method == .focal {
      let facts = picture.facts()
      return Rectangle(width: width, height: height, around: crop.focus, in: (facts.width, facts.height))
    }
    guard let part = picture.interestingPart(width: width, height: height, by: crop.method) else {
      throw outputFailure()
    }
    return part
  }

  private func opaqueWhereNeeded(_ picture: consuming Picture) throws(ImagingFailure) -> Picture {
    guard !request.format.hasTransparency, picture.facts().hasAlpha else { return picture }
    let colour = request.background
    guard let flat = picture.flattened(red: colour.red, green: colour.green, blue: colour.blue) else {
      throw outputFailure()
    }
    return flat
  }

  func write(_ picture: borrowing Picture, _ requested: [Int]) throws(ImagingFailure) -> RenderedFile {
    let facts = picture.facts()
    let name = "\(facts.width).\(request.format.rawValue)"
    guard let bytes = picture.encoded(as: request.format, quality: request.quality) else { throw outputFailure() }
    try OutputFile(folder: request.outputFolder, name: name).write(bytes)
    return RenderedFile(
      requested: requested, width: facts.width, height: facts.frameHeight, frames: facts.height / facts.frameHeight,
      path: name, bytes: bytes.count, format: request.format)
  }

  func outputFailure() -> ImagingFailure {
    let detail = Vips.takeError()
    return ImagingFailure(
      DecodingFailure.isOutOfMemory(detail) ? .outOfMemory : .outputUnwritable, fields: ["detail": detail])
  }
}
