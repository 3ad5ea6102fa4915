import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit

@Suite("Transactions through a pool", .timeLimit(.minutes(5)))
struct PoolTests {
  private static let notes = "CREATE TABLE notes (number bigint PRIMARY KEY, body text)"

  @Test("Values of every kind come back as they went")
  func keepsValues() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url) { pool in
        let read = try await pool.read { transaction in
          let rows = try transaction.rows(
            "SELECT $1::boolean, $2::bigint, $3::text, $4::bytea, $5::text IS NULL, $6::bigint, 7::int, 8::int2, ''",
            [.boolean(true), .integer(.min), .text("zwölf 🙂"), .bytes([0, 255, 1]), .null, .integer(7)])
          #expect(rows.count == 1)
          #expect(rows.boolean(0, 0))
          #expect(rows.integer(0, 1) == .min)
          #expect(rows.text(0, 2) == "zwölf 🙂")
          #expect(rows.bytes(0, 3) == [0, 255, 1])
          #expect(rows.boolean(0, 4))
          #expect([5, 6, 7].map { rows.integer(0, $0) } == [7, 7, 8])
          #expect(rows.text(0, 8) == "")
          return rows.count
        }
        #expect(read == 1)
      }
    }
  }

  @Test("Arrays come apart into rows, with NULLs, and empty")
  func unnests() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url) { pool in
        let texts = try await pool.read { transaction -> [String?] in
          let rows = try transaction.rows(
            "SELECT a, b, c, d FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::boolean[]) AS t(a, b, c, d)",
            [
              .integers([1, nil, -3]), .texts(["x", "", nil]), .byteRows([[0], nil, []]),
              .booleans([true, false, nil]),
            ])
          #expect((0..<3).map { rows.optionalInteger($0, 0) } == [1, nil, -3])
          #expect((0..<3).map { rows.optionalBytes($0, 2) } == [[0], nil, []])
          #expect((0..<3).map { rows.optionalBoolean($0, 3) } == [true, false, nil])
          #expect(try transaction.rows("SELECT unnest($1::bigint[])", [.integers([])]).count == 0)
          return (0..<3).map { rows.optionalText($0, 1) }
        }
        #expect(texts == ["x", "", nil])
      }
    }
  }

  @Test("What a body has written is kept when it returns and undone when it throws")
  func commitsOrNot() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.schema = "public" }) { pool in
        try await pool.write { try $0.run(Self.notes) }
        let changed = try await pool.write { transaction in
          try transaction.run("INSERT INTO notes SELECT unnest($1::bigint[])", [.integers([1, 2, 3])])
        }
        #expect(changed == 3)
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { transaction in
            try transaction.run("DELETE FROM notes")
            throw DriverError(.refused, "changed_its_mind", "No.")
          }
        }
        #expect(error?.code == "changed_its_mind")
        #expect(try await pool.read { try $0.rows("SELECT FROM notes").count } == 3)
      }
    }
  }

  @Test("A pipeline answers for each statement in order, and fails as one")
  func pipelines() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.schema = "public" }) { pool in
        let counts = try await pool.write { transaction in
          try transaction.pipeline([
            (Self.notes, []), ("INSERT INTO notes SELECT generate_series(1, $1)", [.integer(5)]),
            ("SELECT number FROM notes", []), ("DELETE FROM notes WHERE number > $1", [.integer(3)]),
          ]).map(\.changes)
        }
        #expect(counts == [0, 5, 5, 2])
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { transaction in
            _ = try transaction.pipeline([
              ("DELETE FROM notes", []), ("INSERT INTO notes VALUES (1), (1)", []), ("DELETE FROM notes", []),
            ])
          }
        }
        #expect(error?.kind == .refused)
        #expect(error?.code == "postgres_refused")
        #expect(error?.detail == "23505 public.notes.notes_pkey")
        #expect(try await pool.read { try $0.rows("SELECT FROM notes").count } == 3)
      }
    }
  }

  @Test("A body that overlooks an error cannot commit half of its work")
  func noticesOverlookedErrors() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.schema = "public" }) { pool in
        try await pool.write { try $0.run(Self.notes) }
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { transaction in
            try transaction.run("INSERT INTO notes VALUES (1)")
            _ = try? transaction.run("INSERT INTO notes VALUES (1)")
          }
        }
        #expect(error?.code == "postgres_refused")
        #expect(try await pool.read { try $0.rows("SELECT FROM notes").count } == 0)
        try await pool.write { transaction in
          try transaction.pipeline([("INSERT INTO notes VALUES (1)", []), ("SAVEPOINT one", [])])
          _ = try? transaction.run("INSERT INTO notes VALUES (1)")
          try transaction.run("ROLLBACK TO one")
        }
        #expect(try await pool.read { try $0.rows("SELECT FROM notes").count } == 1)
      }
    }
  }

  @Test("What fails first is what is told, whatever the body goes on to ask")
  func tellsTheCause() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url) { pool in
        let error = await #expect(throws: DriverError.self) {
          try await pool.write { transaction in
            _ = try? transaction.run("SELECT 1 / 0")
            try transaction.run("SELECT 1")
          }
        }
        #expect(error?.code == "postgres_refused")
      }
    }
  }

  @Test("A session forgets statements when it has too many, and goes on")
  func forgetsStatements() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.connections = 1 }) { pool in
        for number in 0..<1100 {
          #expect(try await pool.read { try $0.rows("SELECT \(number)").integer(0, 0) } == Int64(number))
        }
        let kept = try await pool.read { try $0.rows("SELECT FROM pg_prepared_statements").count }
        #expect((1...510).contains(kept))
      }
    }
  }

  @Test("A reading transaction refuses to write, and sees one state")
  func readsOnly() async throws {
    try await PostgresServer.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.schema = "public" }) { pool in
        try await pool.write { try $0.run(Self.notes) }
        let error = await #expect(throws: DriverError.self) {
          _ = try await pool.read { try $0.run("INSERT INTO notes VALUES (1)") }
        }
        #expect(error?.code == "postgres_read_only")
      }
    }
  }
}
