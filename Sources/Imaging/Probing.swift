internal import ImagingProtocol

/// Says what a file is.
struct Probing {
  private let request: ProbeRequest

  init(_ request: ProbeRequest) { self.request = request }

  func run() throws(ImagingFailure) -> PictureReport {
    let file = try PictureFile(request.input)
    guard let point = request.point else { return PictureReport(source: file.source) }
    guard (0..<file.source.width).contains(point.x), (0..<file.source.height).contains(point.y) else {
      throw ImagingFailure(.badRequest, fields: ["field": "point"])
    }
    try PixelBound.check(file.source, maxPixels: PixelBound.standard)
    let picture = try file.decode(width: file.source.width, height: file.source.height)
    guard let pixel = picture.pixel(x: Int32(point.x), y: Int32(point.y)) else {
      throw ImagingFailure(.damagedPicture, fields: ["detail": Vips.takeError()])
    }
    return PictureReport(source: file.source, pixel: pixel)
  }
}
