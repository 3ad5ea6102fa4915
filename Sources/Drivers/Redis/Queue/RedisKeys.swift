import WorkerKit

/// The names of what is kept. All keys of one queue have one hash slot, by the part in braces.
struct RedisKeys: Sendable {
  let prefix: String

  /// Which epoch is open, and in which incarnation of the server.
  var open: String { "{\(prefix)}:open" }
  /// The names of the queues that were used since.
  var queues: String { "{\(prefix)}:queues" }

  /// The field of what is open that says in which epoch a queue was opened.
  static func mark(of queue: QueueName) -> String { "opened:" + queue.rawValue }

  /// A queue's keys, in the order in which the functions expect them.
  func of(_ queue: QueueName) -> [String] {
    ["meta", "waiting", "extras", "leased", "holders"].map { "{\(prefix):\(queue.rawValue)}:\($0)" }
  }

  /// Where pushes are announced to hosts that wait.
  func channel(of queue: QueueName) -> String { "{\(prefix):\(queue.rawValue)}:wake" }
}
