/// A format that the imaging program writes.
public enum OutputFormat: String, Codable, Sendable, CaseIterable {
  /// WebP, lossy, with transparency.
  case webp
  /// Baseline JPEG, without transparency.
  case jpeg
  /// PNG, lossless, with transparency.
  case png
  /// AVIF, lossy, with transparency; where the library can encode AV1.
  case avif

  /// The longest side that the format, and its encoder, can hold, in pixels.
  public var longestSide: Int {
    switch self {
    case .webp: 16_383
    case .jpeg: 65_500
    case .png: 65_535
    case .avif: 16_384
    }
  }

  /// Whether it can show transparency.
  public var hasTransparency: Bool { self != .jpeg }

  /// Whether it can move, as the imaging program writes it.
  public var canMove: Bool { self == .webp }
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
