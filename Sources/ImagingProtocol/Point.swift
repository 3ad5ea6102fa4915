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
