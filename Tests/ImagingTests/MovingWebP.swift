import Foundation

/// What the container of an animated WebP says, read here:
/// https://developers.google.com/speed/webp/docs/riff_container#animation
struct MovingWebP {
  /// How often it is shown; 0 for ever.
  private(set) var showings: Int?
  /// In milliseconds.
  private(set) var delays: [Int] = []
  private(set) var chunks: [String] = []

  init(_ file: Data) {
    var rest = file.dropFirst(12)
    while rest.count >= 8 {
      let name = String(decoding: rest.prefix(4), as: UTF8.self)
      let length = Self.number(rest.dropFirst(4).prefix(4))
      let content = rest.dropFirst(8).prefix(length)
      chunks.append(name)
      if name == "ANIM" { showings = Self.number(content.dropFirst(4).prefix(2)) }
      if name == "ANMF" { delays.append(Self.number(content.dropFirst(12).prefix(3))) }
      rest = rest.dropFirst(8 + length + length & 1)
    }
  }

  private static func number(_ bytes: Data) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
