internal import ImagingProtocol

/// Refuses, by its header alone, a picture that would take too much memory and time to decode.
enum PixelBound {
  /// What is decoded where the request gives no bound.
  static let standard = 100_000_000

  static func check(_ source: SourcePicture, maxPixels: Int) throws(ImagingFailure) {
    let (pixels, overflow) = source.width.multipliedReportingOverflow(by: source.height)
    guard overflow || pixels > maxPixels else { return }
    throw ImagingFailure(
      .tooManyPixels,
      fields: ["width": "\(source.width)", "height": "\(source.height)", "max_pixels": "\(maxPixels)"])
  }
}
