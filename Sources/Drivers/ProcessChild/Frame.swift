/// How requests and answers travel over a child's pipes: four bytes of length, most significant first, then the bytes.
package enum Frame {
  /// The longest body that either side accepts: 16 MiB.
  package static let maximumBytes = 16 << 20
  /// The bytes in front of a body.
  package static let headerBytes = 4

  /// The whole frame of a body, or nil where the body is too long.
  package static func encode(_ body: [UInt8]) -> [UInt8]? {
    guard body.count <= maximumBytes else { return nil }
    let length = UInt32(body.count)
    return [UInt8(length >> 24), UInt8(length >> 16 & 0xff), UInt8(length >> 8 & 0xff), UInt8(length & 0xff)] + body
  }

  /// The length that a header announces, or nil where it is not four bytes or announces too much.
  package static func bodyLength(header: some Collection<UInt8>) -> Int? {
    guard header.count == headerBytes else { return nil }
    let length = header.reduce(0) { $0 << 8 | Int($1) }
    return length <= maximumBytes ? length : nil
  }
}
