internal import CVipsShim
internal import ImagingProtocol

/// A part of a picture, in pixels from its top left.
struct Rectangle {
  let left: Int
  let top: Int
  let width: Int
  let height: Int

  var plain: millrace_rectangle {
    millrace_rectangle(left: Int32(left), top: Int32(top), width: Int32(width), height: Int32(height))
  }
}

extension Rectangle {
  /// A part with a point as near to its middle as the picture's edges allow.
  init(width: Int, height: Int, around focus: FocalPoint, in picture: (width: Int, height: Int)) {
    let left = (focus.x * Double(picture.width) - Double(width) / 2).rounded()
    let top = (focus.y * Double(picture.height) - Double(height) / 2).rounded()
    self.init(
      left: Int(max(0, min(left, Double(picture.width - width)))),
      top: Int(max(0, min(top, Double(picture.height - height)))), width: width, height: height)
  }
}
