import WorkerKit

/// Changes of jobs that live on, and ends without a host's doing, within one transaction.
struct PostgresStandings {
  let transaction: PostgresTransaction

  init(_ transaction: PostgresTransaction) { self.transaction = transaction }

  /// Changes the standings of jobs that live on.
  func update(_ changes: [(number: Int64, standing: JobStanding)]) throws(DriverError) {
    guard !changes.isEmpty else { return }
    let standings = changes.map(\.standing)
    try transaction.run(
      Self.updating,
      [
        .integers(changes.map(\.number)), .integers(standings.map(\.state.stored)),
        .integers(standings.map(\.fence.rawValue)), .texts(standings.map { $0.holder?.rawValue }),
        .integers(standings.map { Int64($0.attempts) }), .integers(standings.map { Int64($0.losses) }),
        .integers(standings.map(\.dueAt.milliseconds)), .integers(standings.map { $0.startedAt?.milliseconds }),
        .texts(standings.map(\.waitingFor)),
      ])
  }

  func update(_ number: Int64, to standing: JobStanding) throws(DriverError) { try update([(number, standing)]) }

  /// Keeps what the last attempt of a job that lives on left behind.
  func keep(_ failure: Failure?, of host: HostID, job: Int64) throws(DriverError) {
    try transaction.run(
      "UPDATE live SET host = $2, failure = $3, cause = $4 WHERE number = $1",
      [
        .integer(job), .text(host.rawValue), .json(failure?.json),
        failure.map { .bytes(Array($0.cause.utf8)) } ?? .null,
      ])
  }

  /// Ends a job without a host's doing: with the output, artifacts and failure of the ended job `other`, which did the
  /// same work, or with what its own last attempt left behind.
  func end(_ job: Int64, as standing: JobStanding, sharing other: Int64? = nil) throws(DriverError) {
    try transaction.run(
      Self.ending,
      [
        .integer(job), .integer(standing.state.stored), .integer(standing.fence.rawValue),
        .optional(standing.holder?.rawValue), .integer(Int64(standing.attempts)), .moment(standing.finishedAt),
        .optional(standing.waitingFor), .optional(other),
      ])
    if standing.state.isDead { try transaction.run("INSERT INTO dead (job) VALUES ($1)", [.integer(job)]) }
  }

  private static let updating = """
    UPDATE live SET state = u.state, fence = u.fence, holder = u.holder, attempts = u.attempts, losses = u.losses,
      due_at = u.due_at, started_at = u.started_at, waiting_for = u.waiting_for
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
      $8::bigint[], $9::text[])
      AS u(number, state, fence, holder, attempts, losses, due_at, started_at, waiting_for)
    WHERE live.number = u.number
    """

  private static let ending = """
    WITH gone AS (DELETE FROM live WHERE number = $1 RETURNING *)
    INSERT INTO jobs (number, id, run, tenant, kind, element, created_at, fence, due_at, started_at, finished_at,
      attempts, losses, state, named, holder, waiting_for, failure, cause, ordering, unresolved, context, input, output,
      artifacts)
    SELECT g.number, g.id, g.run, g.tenant, g.kind, g.element, g.created_at, $3::bigint, g.due_at, g.started_at,
      $6::bigint, $5::bigint, g.losses, $2::bigint, g.named, $4::text, $7::text,
      CASE WHEN $8::bigint IS NULL THEN g.failure ELSE d.failure END,
      CASE WHEN $8::bigint IS NULL THEN g.cause ELSE d.cause END, g.ordering, g.unresolved, g.context, g.input,
      d.output, d.artifacts
    FROM gone g LEFT JOIN jobs d ON d.number = $8::bigint
    """
}
