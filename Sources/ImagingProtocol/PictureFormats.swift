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

/// An opaque colour in sRGB, 0 to 255 each.
public struct Colour: Codable, Sendable, Equatable {
  /// The red part.
  public var red: UInt8
  /// The green part.
  public var green: UInt8
  /// The blue part.
  public var blue: UInt8

  /// A colour by its parts.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// All three at 255.
  public static let white = Colour(red: 255, green: 255, blue: 255)
}

/// A place in a picture, in pixels from its top left.
public struct Point: Codable, Sendable, Equatable {
  /// From the left.
  public var x: Int
  /// From the top.
  public var y: Int

  /// A place by its distances from the left and from the top.
  public init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }
}
