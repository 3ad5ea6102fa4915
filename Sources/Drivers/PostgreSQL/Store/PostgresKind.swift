internal import Crypto
import WorkerKit

/// What all jobs of one stage of one revision have in common: a row that they share.
struct PostgresKind: Hashable {
  let pipeline: PipelineName
  let revision: RevisionHash
  let stage: StageName
  let worker: WorkerName
  let queue: QueueName
  let priority: Priority
  let lease: Duration?

  init(_ job: NewJob, pipeline: PipelineName, revision: RevisionHash) {
    self.pipeline = pipeline
    self.revision = revision
    stage = job.stage
    worker = job.worker
    queue = job.queue
    priority = job.priority
    lease = job.lease
  }

  /// The columns that `init(_:from:)` reads.
  static let columns = "k.pipeline, k.revision, k.stage, k.worker, k.queue, k.priority, k.lease"

  /// Reads the seven columns from the one that is named; neighbours of one kind share their texts.
  static func read(_ row: PostgresRow, from column: Int, after last: PostgresKind?) -> PostgresKind {
    guard let last, let before = row.before else { return PostgresKind(row, from: column) }
    return row.isEqual(to: before, in: column...column + 6) ? last : PostgresKind(row, from: column)
  }

  /// Reads the seven columns from the one that is named.
  init(_ row: PostgresRow, from column: Int) {
    pipeline = PipelineName(row.text(column))
    revision = RevisionHash(row.text(column + 1))
    stage = StageName(row.text(column + 2))
    worker = WorkerName(row.text(column + 3))
    queue = QueueName(row.text(column + 4))
    priority = Priority(rank: Int(row.integer(column + 5)))
    lease = row.optionalInteger(column + 6).map { .milliseconds($0) }
  }

  /// A hash of the content, so that a number means the same in every process and after a restore, and can be written
  /// without being asked for.
  var id: Int64 {
    let parts = [
      pipeline.rawValue, revision.rawValue, stage.rawValue, worker.rawValue, queue.rawValue, String(priority.rank),
      lease.map { String($0.milliseconds) } ?? "",
    ]
    let text = parts.map { "\($0.utf8.count):\($0)" }.joined()
    return SHA256.hash(data: Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

/// The kinds that one transaction writes: each once.
struct PostgresKinds {
  private var ids: [PostgresKind: Int64] = [:]

  var isEmpty: Bool { ids.isEmpty }

  /// The number of a kind, which will be written.
  mutating func id(of kind: PostgresKind) -> Int64 {
    if let id = ids[kind] { return id }
    let id = kind.id
    ids[kind] = id
    return id
  }

  /// Writes those that are new; sorted, so that two transactions do not wait for each other.
  var insertion: PostgresCall {
    let rows = ids.sorted { $0.value < $1.value }
    return (
      """
      INSERT INTO kinds (id, pipeline, revision, stage, worker, queue, priority, lease)
      SELECT * FROM unnest(
        $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
      ON CONFLICT DO NOTHING
      """,
      [
        .integers(rows.map(\.value)), .texts(rows.map(\.key.pipeline.rawValue)),
        .texts(rows.map(\.key.revision.rawValue)), .texts(rows.map(\.key.stage.rawValue)),
        .texts(rows.map(\.key.worker.rawValue)), .texts(rows.map(\.key.queue.rawValue)),
        .integers(rows.map { Int64($0.key.priority.rank) }), .integers(rows.map { $0.key.lease?.milliseconds }),
      ]
    )
  }
}
