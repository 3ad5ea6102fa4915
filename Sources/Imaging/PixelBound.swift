internal import ImagingProtocol

/// Refuses, by its header alone, a picture that would take too much memory and time to decode.
enum PixelBound {
  /// What is decoded where the request gives no bound.
  static let standard = 100_000_000

  /// libvips holds frames below each other, and no picture that is higher.
  private static let highest = 10_000_000

  static func check(_ source: SourcePicture, maxPixels: Int) throws(ImagingFailure) {
    guard pixels(source) > maxPixels else { return }
    throw ImagingFailure(
      .tooManyPixels,
      fields: ["width": "\(source.width)", "height": "\(source.height)", "max_pixels": "\(maxPixels)"])
  }

  /// Bounds an animation of which every frame is rendered.
  static func check(_ source: SourcePicture, maxFrames: Int, maxFramePixels: Int) throws(ImagingFailure) {
    let frames = source.pages
    let isBounded =
      frames <= maxFrames && product(pixels(source), frames) <= maxFramePixels
      && product(max(source.width, source.height), frames) <= highest
    guard !isBounded else { return }
    throw ImagingFailure(
      .tooManyFrames,
      fields: [
        "frames": "\(frames)", "width": "\(source.width)", "height": "\(source.height)",
        "max_frames": "\(maxFrames)", "max_frame_pixels": "\(maxFramePixels)",
      ])
  }

  private static func pixels(_ source: SourcePicture) -> Int { product(source.width, source.height) }

  private static func product(_ left: Int, _ right: Int) -> Int {
    let (product, overflow) = left.multipliedReportingOverflow(by: right)
    return overflow ? .max : product
  }
}
