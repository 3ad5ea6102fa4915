/// The last bytes of a stream of any length.
struct ByteTail {
  /// How much is kept: 16 KiB.
  static let limit = 16 << 10
  private var bytes: [UInt8] = []

  /// What is kept, as text, with invalid UTF-8 repaired.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func append(_ more: [UInt8]) {
    bytes.append(contentsOf: more)
    if bytes.count > Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
  }

  mutating func clear() { bytes.removeAll(keepingCapacity: true) }
}
