internal import CHiredis

/// What a server has answered, copied out of the library's memory.
enum RedisReply: Sendable, Equatable {
  case text(String)
  case integer(Int64)
  case list([RedisReply])
  case null
  case error(String)

  init(_ reply: UnsafeMutablePointer<redisReply>) {
    switch reply.pointee.type {
    case REDIS_REPLY_INTEGER: self = .integer(reply.pointee.integer)
    case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: self = .text(Self.text(of: reply))
    case REDIS_REPLY_ERROR: self = .error(Self.text(of: reply))
    case REDIS_REPLY_ARRAY:
      let elements = UnsafeBufferPointer(start: reply.pointee.element, count: reply.pointee.elements)
      self = .list(elements.map { $0.map { RedisReply($0) } ?? .null })
    default: self = .null
    }
  }

  /// The text, or the number as a text; empty for anything else.
  var text: String {
    switch self {
    case .text(let text): text
    case .integer(let number): String(number)
    default: ""
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

  private static func text(of reply: UnsafeMutablePointer<redisReply>) -> String {
    guard let start = reply.pointee.str else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: reply.pointee.len), as: UTF8.self)
  }
}
