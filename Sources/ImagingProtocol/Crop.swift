/// How a picture is cut to a shape.
public struct Crop: Codable, Sendable, Equatable {
  /// The shape's width in parts of its own: 16 of 16 to 9. From 1 to 1000.
  public var across: Int
  /// The shape's height in the same parts: 9 of 16 to 9. From 1 to 1000.
  public var down: Int
  /// What decides where the shape lies.
  public var method: CropMethod
  /// What stays as near to the middle as the picture's edges allow; for `focal` alone.
  public var focus: FocalPoint

  /// A cut by its shape and what decides where it lies.
  public init(across: Int, down: Int, method: CropMethod = .focal, focus: FocalPoint = .centre) {
    self.across = across
    self.down = down
    self.method = method
    self.focus = focus
  }
}

/// What decides which part of a picture is shown.
public enum CropMethod: String, Codable, Sendable, CaseIterable {
  /// A given point of the picture.
  case focal
  /// What draws the eye: libvips' guess from skin, edges and bright colours.
  case attention
  /// Where most is to be seen: libvips' measure of disorder.
  case entropy
}
