/// A format that the imaging program writes.
public enum OutputFormat: String, Codable, Sendable, CaseIterable {
  /// WebP, lossy, with transparency.
  case webp
  /// Baseline JPEG, without transparency.
  case jpeg

  /// The longest side that the format can hold, in pixels.
  public var longestSide: Int { self == .webp ? 16_383 : 65_500 }
}

/// A format that the imaging program reads.
public enum InputFormat: String, Codable, Sendable, CaseIterable {
  /// JPEG, baseline or progressive.
  case jpeg
  /// PNG of any depth.
  case png
  /// WebP, lossy or lossless.
  case webp
  /// GIF, still or animated.
  case gif
}
