import WorkerKit

/// The entries of a queue that go one after the other: those of one priority.
struct PostgresLane: Hashable {
  let queue: QueueName
  let priority: Priority

  /// A hash of the content (FNV-1a), so that a number means the same in every process and need not be asked for.
  var id: Int64 {
    Int64(bitPattern: Self.hash(["\(priority.rank)", queue.rawValue]))
  }

  /// The place of a queue's lock. Two queues of one place wait for each other, which does no harm.
  static func place(of queue: QueueName) -> Int64 { Int64(hash([queue.rawValue]) % 0x7FFF_FFFE) + 1 }

  private static func hash(_ parts: [String]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01b3
    }
    return hash
  }

  /// Writes down the lanes that are new, by their ids, so that two pushes do not wait for each other.
  static func insertion(of lanes: [(id: Int64, lane: PostgresLane)]) -> PostgresCall {
    (
      """
      INSERT INTO queue_lanes (id, queue, priority) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
      ON CONFLICT DO NOTHING
      """,
      [
        .integers(lanes.map(\.id)), .texts(lanes.map(\.lane.queue.rawValue)),
        .integers(lanes.map { Int64($0.lane.priority.rank) }),
      ]
    )
  }
}
