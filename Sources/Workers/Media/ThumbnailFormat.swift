import ImagingProtocol
import WorkerKit

/// The formats of thumbnails.
enum ThumbnailFormat: String, OptionWord, Sendable {
  case webp, jpeg, png, avif

  var output: OutputFormat {
    switch self {
    case .webp: .webp
    case .jpeg: .jpeg
    case .png: .png
    case .avif: .avif
    }
  }

  var contentType: String { "image/\(rawValue)" }
  var suffix: String { self == .jpeg ? ".jpg" : ".\(rawValue)" }

  /// Nil where nothing is lost.
  var standardQuality: Int? {
    switch self {
    case .webp, .jpeg: 80
    case .avif: 60
    case .png: nil
    }
  }
}
