import Logging
import PostgreSQLDriver
import RedisDriver
import WorkerKit

/// Lets a process in when its servers are there, and fit for it.
struct ServerGate: Sendable {
  private let servers: StoreServers
  /// Nil where the queue is in the database.
  private let redis: RedisQueue?
  private let environment: Environment
  private let log: Logger

  /// How long between two tries.
  private static let pause = Duration.seconds(1)
  /// Of how many tries one is logged.
  private static let logged = 5

  /// What only a person can mend, where the database says that it is unavailable.
  private static let mistakes: Set<String> = [
    "postgres_password", "postgres_no_database", "postgres_denied", "postgres_role", "postgres_tables",
  ]

  init(servers: StoreServers, redis: RedisQueue?, environment: Environment, log: Logger) {
    self.servers = servers
    self.redis = redis
    self.environment = environment
    self.log = log
  }

  /// Returns when the servers are fit, or the task is cancelled. One that is away is waited for, with a line in the
  /// log every few seconds.
  /// - Parameter patient: True to wait also for what a person has to mend.
  /// - Throws: What a person has to mend: a wrong password, a schema that is too old.
  func pass(patient: Bool = false) async throws(DriverError) {
    try await wait(for: "PostgreSQL at \(servers.database)", patient, checkDatabase)
    guard let redis, let settings = servers.queue.redis else { return }
    try await wait(for: "Redis at \(settings.address)", patient) { () async throws(DriverError) in
      try await redis.check()
    }
  }

  /// Asks the servers once.
  /// - Throws: What a person has to mend; a server that is away is no error.
  func refuseMistakes() async throws(DriverError) {
    do throws(DriverError) {
      try await checkDatabase()
      try await redis?.check()
    } catch {
      if Self.isMistake(error) { throw error }
    }
  }

  /// True where waiting does not help.
  static func isMistake(_ error: DriverError) -> Bool { !error.isTransient || mistakes.contains(error.code) }

  private func checkDatabase() async throws(DriverError) {
    let migrator = PostgresMigrator(servers.database, sequences: DatabaseMigrations.all)
    do throws(DriverError) {
      try await migrator.check()
      await migrator.close()
    } catch {
      await migrator.close()
      throw error
    }
  }

  private func wait(
    for server: String, _ patient: Bool, _ check: @Sendable () async throws(DriverError) -> Void
  ) async throws(DriverError) {
    var tries = 0
    while !Task.isCancelled {
      do throws(DriverError) {
        try await check()
        if tries > 0 { log.log(.info, "The server is there.", [.address: server]) }
        return
      } catch {
        if !patient, Self.isMistake(error) { throw error }
        if tries % Self.logged == 0 {
          log.log(
            .warning, "A server cannot be used yet; this process waits for it.",
            [.address: server, .errorCode: error.code, .errorDetail: error.description])
        }
      }
      tries += 1
      try? await environment.time.sleep(for: Self.pause)
    }
  }
}
