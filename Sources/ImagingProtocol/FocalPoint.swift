/// A place in a picture as parts of its size, as displayed: after turning by its orientation.
public struct FocalPoint: Codable, Sendable, Equatable {
  /// From the left: 0 to 1.
  public var x: Double
  /// From the top: 0 to 1.
  public var y: Double

  /// A place by its distances from the left and from the top.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// The middle.
  public static let centre = FocalPoint(x: 0.5, y: 0.5)
}
