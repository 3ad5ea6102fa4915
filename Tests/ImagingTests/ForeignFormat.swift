import Foundation

/// A small valid picture in a format that libvips can read and the program must not.
struct ForeignFormat: CustomStringConvertible, Sendable {
  let description: String
  let bytes: Data

  static let all = [tiff, svg, pdf, bmp, ppm, avif]

  static let svg = ForeignFormat(
    description: "svg",
    bytes: Data(
      #"<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><rect width="9" height="9"/></svg>"#.utf8))

  static let pdf = ForeignFormat(
    description: "pdf",
    bytes: Data(
      """
      %PDF-1.4
      1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
      2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
      3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 16 16]>>endobj
      trailer<</Root 1 0 R>>
      %%EOF

      """.utf8))

  static let ppm = ForeignFormat(description: "ppm", bytes: Data("P6\n1 1\n255\n".utf8) + Data([255, 0, 0]))

  /// One red pixel: https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
  static let bmp = ForeignFormat(
    description: "bmp",
    bytes: Data("BM".utf8) + little32(58, 0, 54, 40, 1, 1, 24 << 16 | 1, 0, 4, 2835, 2835, 0, 0) + Data([0, 0, 255, 0]))

  /// One grey pixel, little-endian: TIFF 6.0, section 4.
  static let tiff = ForeignFormat(description: "tiff", bytes: tiffBytes)

  private static var tiffBytes: Data {
    let entries: [(tag: UInt32, type: UInt32, value: UInt32)] = [
      (256, 3, 1), (257, 3, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 1),
      (279, 4, 1),
    ]
    let fields = entries.map { little32($0.tag | $0.type << 16, 1, $0.value) }.reduce(Data(), +)
    return Data([0x49, 0x49, 42, 0]) + little32(12, 128) + Data([UInt8(entries.count), 0]) + fields + little32(0)
  }

  /// Sixteen pixels square, as libheif writes it.
  static let avif = ForeignFormat(description: "avif", bytes: Data(base64Encoded: avifText) ?? Data())

  private static let avifText = """
    AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAASttZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAA
    AAAAABAAAANGlsb2MAAAAAREAAAgABAAAAAAFPAAEAAAAAAAAAHQACAAAAAAFsAAEAAAAAAAAAvgAAADhpaW5mAAAAAAACAAAAFWluZmUCAAAA
    AAEAAGF2MDEAAAAAFWluZmUCAAABAAIAAEV4aWYAAAAAamlwcnAAAABLaXBjbwAAABNjb2xybmNseAACAAIABoAAAAAMYXYxQ4FAbAAAAAAUaX
    NwZQAAAAAAAAAQAAAAEAAAABBwaXhpAAAAAAMMDAwAAAAXaXBtYQAAAAAAAAABAAEEgYIDhAAAABppcmVmAAAAAAAAAA5jZHNjAAIAAQABAAAA
    421kYXQSAAoJWAz/2NAgIG4QMg4bAAAAQACpjnLIHx2gMgAAAAZFeGlmAABJSSoACAAAAAYAEgEDAAEAAAABAAAAGgEFAAEAAABWAAAAGwEFAA
    EAAABeAAAAKAEDAAEAAAACAAAAEwIDAAEAAAABAAAAaYcEAAEAAABmAAAAAAAAADhjAADoAwAAOGMAAOgDAAAGAACQBwAEAAAAMDIxMAGRBwAE
    AAAAAQIDAACgBwAEAAAAMDEwMAGgAwABAAAA//8AAAKgBAABAAAAEAAAAAOgBAABAAAAEAAAAAAAAAA=
    """.replacing(/\s/, with: "")
}

/// Numbers of four bytes, least significant first.
private func little32(_ values: UInt32...) -> Data {
  values.map { value in Data((0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }) }.reduce(Data(), +)
}
