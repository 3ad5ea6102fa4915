/// Commands that are sent together, in the form of the wire:
/// https://redis.io/docs/latest/develop/reference/protocol-spec.
struct RedisPipeline: Sendable {
  private(set) var bytes: [UInt8] = []
  /// How many replies are to come.
  private(set) var count = 0

  init() {}

  /// One command.
  init(_ arguments: [String]) { add(arguments) }

  mutating func add(_ arguments: [String]) {
    append("*", arguments.count)
    for argument in arguments {
      append("$", argument.utf8.count)
      bytes.append(contentsOf: argument.utf8)
      bytes.append(contentsOf: "\r\n".utf8)
    }
    count += 1
  }

  private mutating func append(_ mark: String, _ number: Int) {
    bytes.append(contentsOf: mark.utf8)
    bytes.append(contentsOf: String(number).utf8)
    bytes.append(contentsOf: "\r\n".utf8)
  }
}
