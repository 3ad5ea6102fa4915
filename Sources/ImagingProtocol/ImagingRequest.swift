/// What the parent asks of the imaging program: one JSON object, told apart by its field `operation`.
public enum ImagingRequest: Sendable, Equatable {
  /// Make smaller pictures of one.
  case render(RenderRequest)
  /// Say what a file is.
  case probe(ProbeRequest)
}

/// Asks for one or more sizes of a picture, all from one decoding.
public struct RenderRequest: Codable, Sendable, Equatable {
  /// The picture file's absolute path. Its content decides what it is, never its name.
  public var input: String
  /// The absolute path of an existing private folder; the files are put there.
  public var outputFolder: String
  /// The widths wanted, in pixels, 1 to 16383, at most 32 of them. A picture is never enlarged.
  public var widths: [Int]
  /// What to write.
  public var format: OutputFormat
  /// How much to keep, 1 to 100.
  public var quality: Int
  /// The most pixels, width times height, that a picture's header may announce.
  public var maxPixels: Int
  /// The most frames, 1 to 4096, that an animation may have that is kept.
  public var maxFrames: Int
  /// The most pixels that all frames of an animation may have together that is kept.
  public var maxFramePixels: Int
  /// What becomes of a picture that moves; only a format that can move takes `keep`.
  public var animation: AnimationChoice
  /// The shape to cut to, or nil to show the whole picture.
  public var crop: Crop?
  /// What is seen through transparent parts where the format has none.
  public var background: Colour

  /// Asks for files; the defaults are those of the thumbnails worker.
  public init(
    input: String, outputFolder: String, widths: [Int], format: OutputFormat = .webp, quality: Int = 80,
    maxPixels: Int = 100_000_000, maxFrames: Int = 1000, maxFramePixels: Int = 50_000_000,
    animation: AnimationChoice = .first, crop: Crop? = nil, background: Colour = .white
  ) {
    self.input = input
    self.outputFolder = outputFolder
    self.widths = widths
    self.format = format
    self.quality = quality
    self.maxPixels = maxPixels
    self.maxFrames = maxFrames
    self.maxFramePixels = maxFramePixels
    self.animation = animation
    self.crop = crop
    self.background = background
  }

  enum CodingKeys: String, CodingKey {
    case input, widths, format, quality, background, animation, crop
    case outputFolder = "output_folder"
    case maxPixels = "max_pixels"
    case maxFrames = "max_frames"
    case maxFramePixels = "max_frame_pixels"
  }
}

/// Asks what a file is, and perhaps for the colour of one of its pixels.
public struct ProbeRequest: Codable, Sendable, Equatable {
  /// The file's absolute path.
  public var input: String
  /// Where to read a colour, in pixels from the top left as displayed; this decodes the picture. Nil for none.
  public var point: Point?

  /// Asks about one file.
  public init(input: String, point: Point? = nil) {
    self.input = input
    self.point = point
  }
}

extension ImagingRequest: Codable {
  private enum Operation: String, Codable { case render, probe }
  private enum CodingKeys: String, CodingKey { case operation }

  /// Reads the request that `operation` names.
  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Operation.self, forKey: .operation) {
    case .render: self = .render(try RenderRequest(from: decoder))
    case .probe: self = .probe(try ProbeRequest(from: decoder))
    }
  }

  /// Writes the request's fields and `operation` into one object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .render(let request):
      try container.encode(Operation.render, forKey: .operation)
      try request.encode(to: encoder)
    case .probe(let request):
      try container.encode(Operation.probe, forKey: .operation)
      try request.encode(to: encoder)
    }
  }
}
