/// How far a text goes on with nothing in it that JSON escapes, eight bytes at a time.
///
/// The tests of a word for a byte are those of "Bit Twiddling Hacks", Sean Eron Anderson
/// (https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord).
enum PlainBytes {
  /// The first place from `start` on where a word may hold a control character, a quote, a backslash, or, where
  /// `asciiOnly`, part of a scalar above U+007F. What lies before it holds none.
  @inline(__always)
  static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int, asciiOnly: Bool) -> Int {
    var place = start
    let raw = UnsafeRawBufferPointer(bytes)
    while place + 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      let control = (word &- every(0x20)) & ~word
      let found = control | zero(word ^ every(0x22)) | zero(word ^ every(0x5C)) | (asciiOnly ? word : 0)
      if found & every(0x80) != 0 { break }
      place += 8
    }
    return place
  }

  /// A word with bit 7 set where a byte is zero, among others above it.
  @inline(__always)
  private static func zero(_ word: UInt64) -> UInt64 { (word &- every(1)) & ~word }

  @inline(__always)
  private static func every(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
}
