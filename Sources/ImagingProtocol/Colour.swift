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
