import WorkerKit

/// The slots of limits that leases have. A lease's entry names the keys that it counts for, and is removed in the same
/// statement that counts it no more, so that no count can go wrong; both are gone after a crash.
enum PostgresSlots {
  /// Gives back what the entries that have `gone` held, key by key in order, so that two who do so do not wait for each
  /// other crosswise. A key for which a lane waits is marked. Gives the queues of those.
  static let freeing = """
    , freed AS (
      UPDATE queue_limits k SET under_way = k.under_way - f.count, freed = k.waited
      FROM (
        SELECT key, count(*) AS count FROM gone CROSS JOIN LATERAL unnest(gone.keys) AS key GROUP BY key ORDER BY key
      ) f WHERE k.key = f.key
      RETURNING k.queue, k.waited
    )
    SELECT queue FROM freed WHERE waited
    """

  /// The queues in which something waits for what was freed.
  static func queues(_ rows: PostgresRows) throws(DriverError) -> Set<QueueName> {
    Set(try rows.map { row throws(DriverError) in QueueName(row.text(0)) })
  }
}
