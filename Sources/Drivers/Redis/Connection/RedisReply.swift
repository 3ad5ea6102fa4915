internal import CHiredis

/// What a server has answered, copied out of the library's memory.
enum RedisReply: Sendable, Equatable {
  case text(String)
  /// A text that is not UTF-8.
  case bytes([UInt8])
  case integer(Int64)
  case list([RedisReply])
  case null
  case error(String)

  init(_ reply: UnsafeMutablePointer<redisReply>) {
    switch reply.pointee.type {
    case REDIS_REPLY_INTEGER: self = .integer(reply.pointee.integer)
    case REDIS_REPLY_STRING, REDIS_REPLY_STATUS:
      let bytes = Self.bytes(of: reply)
      self = String(validating: bytes, as: UTF8.self).map { .text($0) } ?? .bytes(Array(bytes))
    case REDIS_REPLY_ERROR: self = .error(String(decoding: Self.bytes(of: reply), as: UTF8.self))
    case REDIS_REPLY_ARRAY:
      let elements = UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements)
      self = .list(elements.map { $0.map { RedisReply($0) } ?? .null })
    default: self = .null
    }
  }

  /// The text, or the number as a text; empty for anything else. What is not UTF-8 is repaired.
  var text: String {
    switch self {
    case .text(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .integer(let number): String(number)
    default: ""
    }
  }

  /// The bytes of the text, as the server has them; none for anything else.
  var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    default: []
    }
  }

  /// The number, or the text as a number; 0 for anything else.
  var integer: Int64 {
    switch self {
    case .text(let text): Int64(text) ?? 0
    case .integer(let number): number
    default: 0
    }
  }

  /// The elements; none where it is no list.
  var list: [RedisReply] {
    if case .list(let list) = self { return list }
    return []
  }

  private static func bytes(of reply: UnsafeMutablePointer<redisReply>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: reply.pointee.str, count: reply.pointee.str == nil ? 0 : reply.pointee.len)
  }
}
