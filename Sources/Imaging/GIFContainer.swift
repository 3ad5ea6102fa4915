/// The blocks of a GIF file: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
///
/// libvips passes over a last frame that is not whole, as if it were not there.
enum GIFContainer {
  /// Whether the file ends between two blocks, with its trailer or without, and not within one.
  static func isWhole(_ file: borrowing InputFile) -> Bool {
    let head = file.bytes(at: 0, count: 13)
    guard head.count == 13 else { return false }
    var place = 13 + tableLength(head[10])
    while true {
      let block = file.bytes(at: place, count: 10)
      switch block.first {
      case nil, 0x3b: return true
      case 0x21: place += 2
      case 0x2c where block.count == 10: place += 11 + tableLength(block[9])
      default: return false
      }
      guard let end = end(ofContentAt: place, in: file) else { return false }
      place = end
    }
  }

  /// The bytes of a table of colours that a block's flags announce.
  private static func tableLength(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << Int(flags & 7 + 1) }

  /// Content comes in pieces with their lengths before them; one of no length is the last.
  private static func end(ofContentAt start: Int, in file: borrowing InputFile) -> Int? {
    var place = start
    while true {
      let window = file.bytes(at: place, count: 4096)
      guard !window.isEmpty else { return nil }
      var index = 0
      while index < window.count {
        guard window[index] > 0 else { return place + index + 1 }
        index += 1 + Int(window[index])
      }
      place += index
    }
  }
}
