import ImagingProtocol
public import WorkerKit

/// What a stage of `media.thumbnails` says in `with`.
public struct ThumbnailOptions: WorkerOptions {
  static let object = OptionField<String>(
    "object", "The picture's key in object storage.", example: "uploads/cat.jpg",
    check: { $0.isEmpty ? "must not be empty" : nil })
  static let widths = OptionField<[Int]>(
    "widths", "The widths wanted, in pixels; a picture is never enlarged.", default: [128, 512, 1600],
    check: { widths in
      guard (1...32).contains(widths.count) else { return "must hold 1 to 32 widths" }
      return widths.allSatisfy { (1...16_383).contains($0) } ? nil : "must hold widths from 1 to 16383"
    })
  static let format = OptionField<ThumbnailFormat>(
    "format",
    "What to write. avif depends on the library of the installation: without an AV1 encoder it is a dead letter with "
      + "the code format_unavailable.", default: .webp)
  static let quality = OptionField<Int?>(
    "quality",
    "How much to keep, from 1 to 100; else 80 for webp and jpeg, 60 for avif. Not for png, which loses none.",
    example: 75,
    check: { quality in quality.map { (1...100).contains($0) } ?? true ? nil : "must be from 1 to 100" })
  static let animation = OptionField<ThumbnailAnimation?>(
    "animation",
    "What becomes of a picture that moves: keep its frames (webp alone, and then the default), or show the first.",
    example: .first)
  static let aspect = OptionField<AspectRatio?>(
    "aspect", "The shape to cut to, as width:height; else the whole picture is shown.",
    example: AspectRatio(across: 1, down: 1))
  static let crop = OptionField<ThumbnailCrop?>(
    "crop",
    "Where the shape lies: around the focus (focal, the default with an aspect), on what draws the eye (attention), "
      + "where most is to be seen (entropy); none cuts nothing.", example: .focal)
  static let focus = OptionField<FocalPoint?>(
    "focus",
    "What crop: focal keeps as near to the middle as the edges allow, as parts of the upright picture's width and "
      + "height; else its middle.", example: FocalPoint(x: 0.5, y: 0.3))

  public static let fields = [
    object.description, widths.description, format.description, quality.description, animation.description,
    aspect.description, crop.description, focus.description,
  ]

  let object: String
  let widths: [Int]
  let format: ThumbnailFormat
  let quality: Int
  let animation: AnimationChoice
  let crop: Crop?

  public init(_ reader: OptionReader) throws(OptionProblem) {
    object = try reader.value(Self.object)
    widths = try reader.value(Self.widths)
    format = try reader.value(Self.format)
    quality = try Self.quality(try reader.value(Self.quality), of: format)
    animation = try Self.animation(try reader.value(Self.animation), of: format)
    crop = try Self.crop(
      try reader.value(Self.crop), aspect: try reader.value(Self.aspect), focus: try reader.value(Self.focus))
  }
}
