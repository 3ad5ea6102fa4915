import DriverThreads
public import WorkerKit

/// A bounded number of connections to one database, each with a thread of its own.
///
/// Connections are made when they are first needed, and again when they were lost. Callers that find every one in use
/// wait in the order in which they came, and no longer than `PostgresConfiguration.waitLimit`. What was asked for is
/// done even where the asking task is cancelled.
public final class PostgresPool: Sendable {
  let configuration: PostgresConfiguration
  private let backoff: PostgresBackoff
  private let seats: PostgresSeats

  /// A pool without connections yet.
  public init(configuration: PostgresConfiguration, random: any RandomSource = SystemRandom()) {
    self.configuration = configuration
    let backoff = PostgresBackoff(random: random)
    self.backoff = backoff
    seats = PostgresSeats(limit: max(1, configuration.connections), waitLimit: configuration.waitLimit) {
      PostgresSeat(PostgresSession(configuration, backoff: backoff))
    }
  }

  /// Runs `body` in a transaction (read committed) on a connection's thread; returns when it is committed.
  ///
  /// `body` is run again from the start, a bounded number of times, where the transaction was undone by a deadlock, a
  /// conflict or the loss of the connection before COMMIT was sent. Where the answer to COMMIT was lost, the error's
  /// code is `postgres_commit_unknown`.
  @discardableResult
  public func write<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresTransaction) throws -> Value
  ) async throws(DriverError) -> Value {
    try await perform { $0.write(body) }
  }

  /// Runs `body` in a transaction that sees one committed state and may not write.
  public func read<Value: Sendable>(
    _ body: @escaping @Sendable (PostgresTransaction) throws -> Value
  ) async throws(DriverError) -> Value {
    try await perform { $0.read(body) }
  }

  /// Runs statements as one transaction in one round trip, and gives what `read` makes of their rows.
  ///
  /// They are run again also where the connection was lost while the server may have committed: only what may be done
  /// twice goes this way.
  func exchange<Value: Sendable>(
    _ calls: [PostgresCall], _ read: @escaping @Sendable ([PostgresRows]) throws(DriverError) -> Value
  ) async throws(DriverError) -> Value {
    try await perform { $0.exchange(calls, read) }
  }

  /// Refuses what comes from now on, waits for what is under way, and lets the connections go.
  public func close() async { await seats.close() }

  private func perform<Value: Sendable>(
    _ work: @escaping @Sendable (PostgresSession) -> Result<Value, DriverError>
  ) async throws(DriverError) -> Value {
    let seat = try await seats.take()
    let result = await seat.run(work)
    await seats.giveBack(seat)
    return try result.get()
  }
}
