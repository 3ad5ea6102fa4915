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
  static let format = OptionField<ThumbnailFormat>("format", "What to write: webp or jpeg.", default: .webp)
  static let quality = OptionField<Int>(
    "quality", "How much to keep, from 1 to 100.", default: 80,
    check: { (1...100).contains($0) ? nil : "must be from 1 to 100" })

  public static let fields = [object.description, widths.description, format.description, quality.description]

  let object: String
  let widths: [Int]
  let format: ThumbnailFormat
  let quality: Int

  public init(_ reader: OptionReader) throws(OptionProblem) {
    object = try reader.value(Self.object)
    widths = try reader.value(Self.widths)
    format = try reader.value(Self.format)
    quality = try reader.value(Self.quality)
  }
}

/// The formats of thumbnails.
enum ThumbnailFormat: String, OptionWord, Sendable {
  case webp, jpeg

  var output: OutputFormat { self == .webp ? .webp : .jpeg }
  var contentType: String { self == .webp ? "image/webp" : "image/jpeg" }
  var suffix: String { self == .webp ? ".webp" : ".jpg" }
}
