import Glibc
import PostgreSQLDriver
import Synchronization
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("PostgreSQL in bad weather", .timeLimit(.minutes(5)))
struct BadWeatherTests {
  private static func with(
    change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresDatabase, PostgresPool) async throws -> Void
  ) async throws {
    try await PostgresServer.withDatabase { database in try await with(database, change: change, body) }
  }

  private static func with(
    _ database: PostgresDatabase, change: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresDatabase, PostgresPool) async throws -> Void
  ) async throws {
    let set: (inout PostgresConfiguration) -> Void = {
      $0.schema = "public"
      change(&$0)
    }
    try await PostgresPool.with(database.url, change: set) { pool in
      try await pool.write { try $0.run("CREATE TABLE notes (number bigint PRIMARY KEY)") }
      try await body(database, pool)
    }
  }

  private static let insert = "INSERT INTO notes VALUES ($1)"
  private static let others = "pid <> pg_backend_pid() AND datname = current_database()"

  @Test("A session that the server ends within a transaction: the transaction is done again, once")
  func repeatsALostTransaction() async throws {
    try await Self.with { database, pool async throws in
      let tries = Mutex(0)
      let pid = try await pool.write { transaction in
        let attempt = tries.withLock {
          $0 += 1
          return $0
        }
        try transaction.run(Self.insert, [.integer(Int64(attempt))])
        if attempt == 1 { try transaction.run("SELECT pg_terminate_backend(pg_backend_pid())") }
        return try transaction.rows("SELECT pg_backend_pid()").integer(0, 0)
      }
      #expect(pid > 0)
      #expect(tries.withLock { $0 } == 2)
      #expect(try await database.psql("SELECT string_agg(number::text, ',') FROM notes") == "2")
    }
  }

  @Test("Sessions that were ended while they were idle are noticed by nobody")
  func replacesIdleSessions() async throws {
    try await Self.with { database, pool async throws in
      for number in 0..<5 {
        try await database.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(Self.others)")
        try await pool.write { try $0.run(Self.insert, [.integer(Int64(number))]) }
      }
      #expect(try await database.psql("SELECT count(*) FROM notes") == "5")
    }
  }

  @Test("A server that is killed within a transaction loses that transaction and nothing else")
  func survivesTheServer() async throws {
    let server = try await PostgresServer.start(settings: ["fsync": "on", "full_page_writes": "on"])
    try await server.withDatabase { database async throws in
      try await Self.with(database) { database, pool async throws in
        try await pool.write { try $0.run(Self.insert, [.integer(1)]) }
        let (written, busy) = (Signal(), ThreadGate())
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            let error = await #expect(throws: DriverError.self) {
              try await pool.write { transaction in
                try transaction.run(Self.insert, [.integer(2)])
                written.raise()
                busy.hold()
                try transaction.run(Self.insert, [.integer(3)])
              }
            }
            #expect(error?.kind == .unavailable)
          }
          await written.wait(after: 0)
          do { try await server.stop() } catch { Issue.record(error) }
          busy.open()
        }
        try await server.start()
        try await pool.writeOnceReachable { try $0.run(Self.insert, [.integer(4)]) }
        #expect(try await database.psql("SELECT string_agg(number::text, ',') FROM notes") == "1,4")
      }
    }
  }

  @Test("A connection that is lost while the server commits is said to be that, and nothing is done twice")
  func admitsAnUnknownCommit() async throws {
    try await Self.with { database, pool async throws in
      try await database.psql(
        """
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
          $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER die AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION die();
        """)
      let tries = Mutex(0)
      let error = await #expect(throws: DriverError.self) {
        try await pool.write { transaction in
          tries.withLock { $0 += 1 }
          try transaction.run(Self.insert, [.integer(1)])
        }
      }
      #expect(error?.code == "postgres_commit_unknown")
      #expect(error?.isTransient == true)
      #expect(tries.withLock { $0 } == 1)
      #expect(try await pool.read { try $0.rows("SELECT FROM notes").count } == 0)
    }
  }

  @Test("A statement that takes too long is cut short, and the connection serves the next")
  func limitsStatements() async throws {
    try await Self.with(change: { $0.statementTimeout = .seconds(2) }) { _, pool async throws in
      let error = await #expect(throws: DriverError.self) { try await pool.write { try $0.run("SELECT pg_sleep(60)") } }
      #expect(error?.code == "postgres_timeout")
      #expect(error?.isTransient == true)
      #expect(try await pool.read { try $0.rows("SELECT 1").count } == 1)
    }
  }

  @Test("A server that falls silent in the middle is given up")
  func givesUpTheSilent() async throws {
    let limits: (inout PostgresConfiguration) -> Void = {
      $0.statementTimeout = .seconds(2)
      $0.tcpUserTimeout = .seconds(1)
    }
    try await Self.with(change: limits) { database, pool async throws in
      let stopped = Mutex<Int64>(0)
      let error = await #expect(throws: DriverError.self) {
        try await pool.write { transaction in
          let process = try transaction.rows("SELECT pg_backend_pid()").integer(0, 0)
          stopped.withLock { $0 = process }
          kill(pid_t(process), SIGSTOP)
          try transaction.run("SELECT 1")
        }
      }
      kill(pid_t(stopped.withLock { $0 }), SIGCONT)
      #expect(error?.code == "postgres_silent")
      #expect(try await pool.writeOnceReachable { try $0.rows("SELECT 1").count } == 1)
    }
  }

  @Test("A lock that another holds too long ends the wait")
  func limitsLocks() async throws {
    try await Self.with(change: { $0.lockTimeout = .milliseconds(200) }) { _, pool async throws in
      let (locked, busy) = (Signal(), ThreadGate())
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await pool.write { transaction in
            try transaction.run("LOCK TABLE notes")
            locked.raise()
            busy.hold()
          }
        }
        await locked.wait(after: 0)
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { try $0.run(Self.insert, [.integer(1)]) }
        }
        #expect(error?.code == "postgres_lock_timeout")
        busy.open()
        try await group.waitForAll()
      }
    }
  }

  @Test("Two transactions that wait for each other both end well")
  func repeatsAfterADeadlock() async throws {
    try await Self.with { database, pool async throws in
      try await database.psql("INSERT INTO notes VALUES (1), (2); ALTER TABLE notes ADD hits bigint DEFAULT 0")
      let (first, second) = (Signal(), ThreadGate())
      let update = "UPDATE notes SET hits = hits + 1 WHERE number = $1"
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await pool.write { transaction in
            try transaction.run(update, [.integer(1)])
            if first.count == 0 {
              first.raise()
              second.hold()
            }
            try transaction.run(update, [.integer(2)])
          }
        }
        await first.wait(after: 0)
        group.addTask {
          try await pool.write { transaction in
            try transaction.run(update, [.integer(2)])
            second.open()
            try transaction.run(update, [.integer(1)])
          }
        }
        try await group.waitForAll()
      }
      #expect(try await database.psql("SELECT string_agg(hits::text, ',') FROM notes") == "2,2")
    }
  }

  @Test("What cannot be stored is a refusal that does not repeat it")
  func refusesWithoutRepeating() async throws {
    try await Self.with { _, pool async throws in
      for (statement, parameter) in [
        ("SELECT $1::text::jsonb", PostgresValue.text(#""secret \u0000""#)), ("SELECT $1::text", .text("secret \0")),
        ("SELECT $1::text::bigint", .text("secret")),
      ] {
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { try $0.rows(statement, [parameter]).count }
        }
        #expect(error?.kind == .refused, "\(statement)")
        #expect(error?.description.contains("secret") == false)
      }
    }
  }
}
