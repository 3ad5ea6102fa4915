import WorkerKit

/// Which keys of ordering a transaction holds: whoever looks at a key's window, line or execution, or at a job that one
/// of them orders, has it to itself until the transaction ends.
final class PostgresKeyLocks {
  private var held: Set<Int64> = []

  /// Waits for what is not held yet, lowest place first.
  func hold(_ places: [Int64], _ transaction: PostgresTransaction) throws(DriverError) {
    let missing = Set(places).subtracting(held).sorted()
    guard !missing.isEmpty else { return }
    try transaction.rows(PostgresLocks.keys(missing))
    held.formUnion(missing)
  }

  /// True where nothing is missing.
  func holds(_ places: [Int64]) -> Bool { held.isSuperset(of: places) }

  static func place(of key: OrderingKey) -> Int64 {
    place([key.tenant.rawValue, key.pipeline.rawValue, key.stage.rawValue, key.key])
  }

  static func place(of key: ExecutionKey) -> Int64 { place([key.tenant.rawValue, key.key]) }

  /// The places of all that orders a job.
  static func places(of job: OrderedJob) -> [Int64] {
    var keys: [OrderingKey] = []
    for key in [job.ordering.serial?.key, job.ordering.window?.key] {
      guard let key else { continue }
      keys.append(OrderingKey(tenant: job.tenant, pipeline: job.pipeline, stage: job.stage, key: key))
    }
    let execution = job.ordering.execution.map { place(of: ExecutionKey(tenant: job.tenant, key: $0)) }
    return keys.map(place) + (execution.map { [$0] } ?? [])
  }

  /// FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv): the same in every process. Two keys of one place wait for each
  /// other, which does no harm.
  private static func place(_ parts: [String]) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01b3
    }
    return Int64(hash % PostgresLocks.places)
  }
}
