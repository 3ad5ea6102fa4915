internal import ImagingProtocol

/// Makes every requested size of a picture from one decoding.
struct Rendering {
  private let request: RenderRequest

  /// - Throws: `bad_request` with the name of a field that is out of its bounds.
  init(_ request: RenderRequest) throws(ImagingFailure) {
    self.request = request
    try require(request.input.hasPrefix("/"), "input")
    try require(request.outputFolder.hasPrefix("/"), "output_folder")
    try require((1...32).contains(request.widths.count), "widths")
    try require(request.widths.allSatisfy((1...16_383).contains), "widths")
    try require((1...100).contains(request.quality), "quality")
    try require(request.maxPixels > 0, "max_pixels")
  }

  private func require(_ condition: Bool, _ field: String) throws(ImagingFailure) {
    guard condition else { throw ImagingFailure(.badRequest, fields: ["field": field]) }
  }

  func run() throws(ImagingFailure) -> PictureReport {
    let file = try PictureFile(request.input)
    try PixelBound.check(file.source, maxPixels: request.maxPixels)
    let sizes = Self.sizes(request.widths, sourceWidth: file.source.width)
    guard let widest = sizes.first else { throw ImagingFailure(.badRequest, fields: ["field": "widths"]) }
    let decoded = try file.decode(width: widest.width, height: request.format.longestSide)
    let largest = try opaqueWhereNeeded(decoded)
    var files = [try write(largest, widest.requested)]
    for size in sizes.dropFirst() {
      guard let reduced = largest.reduced(toWidth: size.width, height: request.format.longestSide) else {
        throw outputFailure()
      }
      files.append(try write(reduced, size.requested))
    }
    return PictureReport(source: file.source, files: files)
  }

  /// The widths to make, widest first, each with the requested ones that it serves: those beyond the picture collapse
  /// into the picture's own.
  static func sizes(_ widths: [Int], sourceWidth: Int) -> [(width: Int, requested: [Int])] {
    let grouped = Dictionary(grouping: Set(widths)) { min($0, sourceWidth) }
    return grouped.map { (width: $0.key, requested: $0.value.sorted()) }.sorted { $0.width > $1.width }
  }

  private func opaqueWhereNeeded(_ picture: consuming Picture) throws(ImagingFailure) -> Picture {
    guard request.format == .jpeg, picture.facts().hasAlpha else { return picture }
    let colour = request.background
    guard let flat = picture.flattened(red: colour.red, green: colour.green, blue: colour.blue) else {
      throw outputFailure()
    }
    return flat
  }

  private func write(_ picture: borrowing Picture, _ requested: [Int]) throws(ImagingFailure) -> RenderedFile {
    let facts = picture.facts()
    let name = "\(facts.width).\(request.format.rawValue)"
    guard let bytes = picture.encoded(as: request.format, quality: request.quality) else { throw outputFailure() }
    try OutputFile(folder: request.outputFolder, name: name).write(bytes)
    return RenderedFile(
      requested: requested, width: facts.width, height: facts.height, path: name, bytes: bytes.count,
      format: request.format)
  }

  private func outputFailure() -> ImagingFailure {
    let detail = Vips.takeError()
    return ImagingFailure(
      DecodingFailure.isOutOfMemory(detail) ? .outOfMemory : .outputUnwritable, fields: ["detail": detail])
  }
}
