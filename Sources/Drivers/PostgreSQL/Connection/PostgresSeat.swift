import DriverThreads
import WorkerKit

/// A thread with the session that lives on it.
final class PostgresSeat: Sendable {
  private let thread = WorkThread(name: "postgres")
  private let session: PostgresSession

  init(_ session: PostgresSession) { self.session = session }

  /// Runs `work` on the thread.
  func run<Value: Sendable>(
    _ work: @escaping @Sendable (PostgresSession) -> Result<Value, DriverError>
  ) async -> Result<Value, DriverError> {
    await thread.run { [session] in work(session) } ?? .failure(PostgresSeats.closed)
  }

  /// Lets the connection go, on its thread, and ends the thread.
  func close() async {
    _ = await thread.run { [session] in session.close() }
    thread.close()
  }
}
