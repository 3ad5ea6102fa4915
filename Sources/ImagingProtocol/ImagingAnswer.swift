/// What the imaging program says to a request.
public enum ImagingAnswer: Sendable, Equatable {
  /// It was done.
  case report(PictureReport)
  /// It was not, and nothing was left behind in the folder but files that are complete.
  case failure(ImagingFailure)
}

/// What a picture is, and what was made of it.
public struct PictureReport: Codable, Sendable, Equatable {
  /// The file that was read.
  public var source: SourcePicture
  /// The files that were written, the widest first; empty for a probe.
  public var files: [RenderedFile]
  /// The colour that a probe asked for, as sRGB and, where there is one, alpha: 0 to 255 each.
  public var pixel: [Double]?

  /// A report by its parts.
  public init(source: SourcePicture, files: [RenderedFile] = [], pixel: [Double]? = nil) {
    self.source = source
    self.files = files
    self.pixel = pixel
  }
}

/// What a picture file's header says.
public struct SourcePicture: Codable, Sendable, Equatable {
  /// What the content is.
  public var format: InputFormat
  /// As displayed, so after turning by the orientation, in pixels.
  public var width: Int
  /// As displayed, in pixels.
  public var height: Int
  /// How many frames an animation has; 1 for a still picture.
  public var pages: Int
  /// As EXIF numbers it, 1 to 8; 1 is upright.
  public var orientation: Int
  /// Whether it has transparency.
  public var hasAlpha: Bool
  /// Which of `exif`, `icc`, `xmp` and `iptc` it carries.
  public var metadata: [String]

  /// A description by its parts.
  public init(
    format: InputFormat, width: Int, height: Int, pages: Int, orientation: Int, hasAlpha: Bool, metadata: [String]
  ) {
    self.format = format
    self.width = width
    self.height = height
    self.pages = pages
    self.orientation = orientation
    self.hasAlpha = hasAlpha
    self.metadata = metadata
  }

  enum CodingKeys: String, CodingKey {
    case format, width, height, pages, orientation, metadata
    case hasAlpha = "has_alpha"
  }
}

/// A file that was written, whole and on disk.
public struct RenderedFile: Codable, Sendable, Equatable {
  /// Which of the requested widths this file serves: several, where the picture is narrower than they are.
  public var requested: [Int]
  /// In pixels.
  public var width: Int
  /// In pixels, of one frame.
  public var height: Int
  /// How many frames it has; 1 for a still picture.
  public var frames: Int
  /// The name within the output folder.
  public var path: String
  /// The file's size.
  public var bytes: Int
  /// What was written.
  public var format: OutputFormat

  /// A description by its parts.
  public init(
    requested: [Int], width: Int, height: Int, frames: Int, path: String, bytes: Int, format: OutputFormat
  ) {
    self.requested = requested
    self.width = width
    self.height = height
    self.frames = frames
    self.path = path
    self.bytes = bytes
    self.format = format
  }
}

extension ImagingAnswer: Codable {
  private enum CodingKeys: String, CodingKey { case failure }

  /// Reads a failure where there is one, and a report otherwise.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let failure = try container.decodeIfPresent(ImagingFailure.self, forKey: .failure) {
      self = .failure(failure)
    } else {
      self = .report(try PictureReport(from: decoder))
    }
  }

  /// Writes the report's own fields, or the one field `failure`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .report(let report): try report.encode(to: encoder)
    case .failure(let failure):
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(failure, forKey: .failure)
    }
  }
}
