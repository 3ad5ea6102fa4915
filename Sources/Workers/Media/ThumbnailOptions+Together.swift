import ImagingProtocol
import WorkerKit

/// What options mean together.
extension ThumbnailOptions {
  static func quality(_ given: Int?, of format: ThumbnailFormat) throws(OptionProblem) -> Int {
    if let standard = format.standardQuality { return given ?? standard }
    guard given == nil else {
      throw OptionProblem(
        option: "quality", message: "is not for \(format.rawValue), which loses nothing; leave it out")
    }
    return 100
  }

  static func animation(
    _ given: ThumbnailAnimation?, of format: ThumbnailFormat
  ) throws(OptionProblem) -> AnimationChoice {
    guard format.output.canMove else {
      guard given != .keep else {
        throw OptionProblem(
          option: "animation", message: "keep is for format webp; \(format.rawValue) shows the first frame")
      }
      return .first
    }
    return given == .first ? .first : .keep
  }

  static func crop(
    _ given: ThumbnailCrop?, aspect: AspectRatio?, focus: FocalPoint?
  ) throws(OptionProblem) -> Crop? {
    let chosen = given ?? (aspect == nil ? ThumbnailCrop.none : ThumbnailCrop.focal)
    if focus != nil, chosen != .focal {
      throw OptionProblem(option: "focus", message: "is for crop: focal, together with an aspect")
    }
    guard let method = chosen.method else {
      guard aspect == nil else {
        throw OptionProblem(option: "aspect", message: "is a shape to cut to, and crop: none cuts nothing")
      }
      return nil
    }
    guard let aspect else {
      throw OptionProblem(option: "crop", message: "needs an aspect, the shape to cut to, like \"1:1\"")
    }
    return Crop(across: aspect.across, down: aspect.down, method: method, focus: focus ?? .centre)
  }
}

/// What becomes of a picture that moves.
enum ThumbnailAnimation: String, OptionWord, Sendable {
  case keep, first
}

/// Where the shape lies that a picture is cut to.
enum ThumbnailCrop: String, OptionWord, Sendable {
  case none, focal, attention, entropy

  var method: CropMethod? {
    switch self {
    case .none: nil
    case .focal: .focal
    case .attention: .attention
    case .entropy: .entropy
    }
  }
}
