internal import ImagingProtocol

/// How much of a picture is shown, and in which sizes: arithmetic alone.
struct Framing {
  /// One file to make.
  struct Size {
    let width: Int
    let height: Int
    /// The requested widths that it serves.
    let requested: [Int]
  }

  /// How much is shown, in the picture's own pixels.
  let shown: (width: Int, height: Int)
  /// Widest first. Requested widths beyond what is shown collapse into one.
  let sizes: [Size]

  /// Lays what is shown of a picture into every width; nothing is enlarged, and no side longer than `longestSide`.
  init(_ source: SourcePicture, crop: Crop?, widths: [Int], longestSide: Int) {
    let whole = (width: source.width, height: source.height)
    let shown = crop.map { Self.largest($0, in: source) } ?? whole
    let widest = min(shown.width, max(1, longestSide * shown.width / shown.height))
    let grouped = Dictionary(grouping: Set(widths)) { min($0, widest) }
    self.shown = shown
    sizes = grouped.map { width, requested in
      let height = Self.part(shown.height, width, of: shown.width)
      return Size(width: width, height: min(height, longestSide), requested: requested.sorted())
    }.sorted { $0.width > $1.width }
  }

  /// How wide the whole picture is decoded for what is shown of it to have a size.
  func decodedWidth(for size: Size, of source: SourcePicture) -> Int {
    Self.part(source.width, size.width, of: shown.width)
  }

  /// libvips' bound of any side: no bound.
  static let anyHeight = 10_000_000

  /// The largest part of a picture that has the shape.
  private static func largest(_ crop: Crop, in source: SourcePicture) -> (width: Int, height: Int) {
    (
      min(source.width, part(source.height, crop.across, of: crop.down)),
      min(source.height, part(source.width, crop.down, of: crop.across))
    )
  }

  /// A length times a fraction, rounded, and at least one pixel.
  private static func part(_ length: Int, _ count: Int, of whole: Int) -> Int {
    max(1, (length * count + whole / 2) / whole)
  }
}
