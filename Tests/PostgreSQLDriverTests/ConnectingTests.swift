import Foundation
import PostgreSQLDriver
import TestPostgres
import TestProcesses
import Testing
import WorkerKit

@Suite("Connecting to PostgreSQL", .timeLimit(.minutes(5)))
struct ConnectingTests {
  /// The error of a first transaction.
  static func error(
    _ url: String, change: (inout PostgresConfiguration) -> Void = { _ in }
  ) async throws -> DriverError? {
    try await PostgresPool.with(url, change: change) { pool async throws in
      await #expect(throws: DriverError.self) { try await pool.write { try $0.rows("SELECT 1").count } }
    }
  }

  @Test("A wrong password, role or database is named as what it is, without the password")
  func namesWhatIsWrong() async throws {
    let server = try await PostgresServer.shared()
    let password = try #require(try await Self.error(server.url("postgres", password: "sesame")))
    #expect(password.code == "postgres_password")
    #expect(password.detail.contains("28P01"))
    #expect(!password.description.contains("sesame"))
    #expect(try await Self.error(server.url("postgres", role: "nobody"))?.code == "postgres_password")
    #expect(try await Self.error(server.url("no_such_database"))?.code == "postgres_no_database")
    #expect(try await Self.error("postgres://millrace@127.0.0.1:\(server.port)/postgres")?.code == "postgres_password")
    for error in [password] { #expect(error.isTransient, "nothing may be given up for what a person can mend") }
  }

  @Test("A commit waits for the disk, though the server, the role or the address says that it need not")
  func waitsForTheDisk() async throws {
    let setting = "SELECT current_setting('synchronous_commit')"
    func found(_ url: String) async throws -> String {
      try await PostgresPool.with(url) { pool in try await pool.write { try $0.rows(setting).text(0, 0) } }
    }
    try await PostgresServer.withDatabase { database in
      let query = "?options=-c%20synchronous_commit%3Doff"
      #expect(try await found(database.server.url(database.name, query: query)) == "on")
      try await database.psql("ALTER DATABASE \(database.name) SET synchronous_commit = off")
      #expect(try await database.psql(setting) == "off", "Others are left alone.")
      #expect(try await found(database.url) == "on")
      try await database.psql("ALTER DATABASE \(database.name) SET synchronous_commit = remote_apply")
      #expect(try await found(database.url) == "remote_apply", "What waits for more than the disk stays.")
    }
  }

  @Test("A server that is not there, or does not answer, is out of reach")
  func reportsSilence() async throws {
    let away = try await Self.error("postgres://millrace:sesame@127.0.0.1:1/x")
    #expect(away?.code == "postgres_unreachable")
    let deaf = try LoopbackPort(isDeaf: true)
    let silent = try await Self.error("postgres://millrace:sesame@127.0.0.1:\(deaf.number)/x") {
      $0.connectTimeout = .milliseconds(200)
    }
    #expect(silent?.code == "postgres_unreachable")
    #expect(silent?.description.contains("sesame") == false)
  }

  @Test("While a server is away callers are told at once, and once it is back they go on")
  func comesBack() async throws {
    let server = try await PostgresServer.start()
    try await PostgresPool.with(server.url("postgres")) { pool async throws in
      try await pool.write { try $0.rows("SELECT 1").count }
      try await server.stop()
      for _ in 0..<50 {
        let error = await #expect(throws: DriverError.self) { try await pool.write { try $0.rows("SELECT 1").count } }
        #expect(error?.kind == .unavailable)
      }
      try await server.start()
      #expect(try await pool.writeOnceReachable { try $0.rows("SELECT 1").count } == 1)
    }
  }

  @Test("A database that takes no writes is refused, and another host that does is found")
  func looksForTheWritable() async throws {
    let standby = try await PostgresServer.start()
    try await standby.stop("fast")
    try await standby.becomeStandby()
    let error = try await Self.error(standby.url("postgres"))
    #expect(error?.code == "postgres_read_only")
    let primary = try await PostgresServer.shared()
    let both = """
      host=127.0.0.1,127.0.0.1 port=\(standby.port),\(primary.port) dbname=postgres user=\(PostgresServer.role) \
      password=\(PostgresServer.password)
      """
    let port = try await PostgresPool.with(both) { pool async throws in
      try await pool.write { try $0.rows("SELECT current_setting('port')::bigint").integer(0, 0) }
    }
    #expect(port == Int64(primary.port))
    try await primary.withDatabase { database async throws in
      try await database.psql("ALTER DATABASE \(database.name) SET default_transaction_read_only = on")
      #expect(try await Self.error(database.url)?.code == "postgres_read_only")
    }
  }

  @Test("A server without a free connection is told from one that is away")
  func countsConnections() async throws {
    try await PostgresServer.withDatabase { database async throws in
      try await database.psql("ALTER DATABASE \(database.name) CONNECTION LIMIT 1")
      try await PostgresPool.with(database.url) { second async throws in
        try await PostgresPool.with(database.url) { first async throws in
          try await first.write { try $0.rows("SELECT 1").count }
          let error = await #expect(throws: DriverError.self) {
            try await second.write { try $0.rows("SELECT 1").count }
          }
          #expect(error?.code == "postgres_connections")
        }
        #expect(try await second.writeOnceReachable { try $0.rows("SELECT 1").count } == 1)
      }
    }
  }

  @Test("A database in another encoding is refused, since it could not hold every event")
  func asksForUnicode() async throws {
    let server = try await PostgresServer.shared()
    try await server.psql("CREATE DATABASE latin OWNER millrace TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    #expect(try await Self.error(server.url("latin"))?.code == "postgres_encoding")
    try await server.psql("DROP DATABASE latin")
  }

  @Test("A session has the limits and the plans that it was given")
  func setsTheSession() async throws {
    try await PostgresServer.withDatabase { database async throws in
      let url = database.url + "?options=-c%20enable_hashagg%3Doff&application_name=garden"
      let shown = try await PostgresPool.with(url, change: { $0.statementTimeout = .seconds(7) }) { pool async throws in
        try await pool.read { transaction in
          let names = [
            "statement_timeout", "lock_timeout", "search_path", "enable_seqscan", "enable_hashagg", "application_name",
          ]
          return try names.map { try transaction.rows("SELECT current_setting($1)", [.text($0)]).text(0, 0) }
        }
      }
      #expect(shown == ["7s", "10s", "millrace", "off", "off", "garden"])
    }
  }
}
