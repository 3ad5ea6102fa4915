import PostgreSQLDriver
import Synchronization
import TestPostgres
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Draining the outbox", .timeLimit(.minutes(5)))
struct OutboxTests {
  /// Keeps what is drained in a table, as the store does: in the same transaction.
  private static let keep: @Sendable (PostgresTransaction, [EventEnvelope]) throws -> Void = { transaction, events in
    try transaction.run(
      "INSERT INTO public.kept (id) SELECT unnest($1::text[])", [.texts(events.map(\.id.rawValue))])
  }

  private static func with(_ body: (PostgresDatabase, PostgresPool, PostgresOutbox) async throws -> Void) async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      try await database.psql(
        "CREATE TABLE public.kept (id text PRIMARY KEY); ALTER TABLE public.kept OWNER TO \(PostgresServer.role)")
      try await PostgresPool.with(database.url) { pool in
        try await body(database, pool, PostgresOutbox(pool: pool, environment: .test(seed: 1, time: ManualTime())))
      }
    }
  }

  private static func emit(_ numbers: ClosedRange<Int>, _ pool: PostgresPool) async throws {
    try await pool.write { transaction in
      try transaction.run(
        "SELECT millrace.emit('A', 'acme', '{}', id => 'n' || n) FROM generate_series($1::bigint, $2::bigint) AS n",
        [.integer(Int64(numbers.lowerBound)), .integer(Int64(numbers.upperBound))])
    }
  }

  private static let kept = "SELECT count(*) FROM public.kept"

  @Test("Everything is taken once, in batches, in order")
  func drains() async throws {
    try await Self.with { database, pool, outbox in
      try await Self.emit(1...250, pool)
      let seen = Mutex<[String]>([])
      var counts: [Int] = []
      for _ in 0..<4 {
        let drained = try await outbox.drain(limit: 100) { transaction, events in
          try Self.keep(transaction, events)
          seen.withLock { $0 += events.map(\.id.rawValue) }
        }
        counts.append(drained.taken)
      }
      #expect(counts == [100, 100, 50, 0])
      #expect(seen.withLock { $0 } == (1...250).map { "n\($0)" })
      #expect(try await database.psql("SELECT count(*) FROM millrace.outbox") == "0")
    }
  }

  @Test("Who commits late is not skipped, however much was taken meanwhile")
  func waitsForLateCommitters() async throws {
    try await Self.with { database, pool, outbox in
      let (busy, emitted) = (ThreadGate(), Signal())
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await pool.write { transaction in
            try transaction.run("SELECT millrace.emit('A', 'acme', '{}', id => 'late')")
            emitted.raise()
            busy.hold()
          }
        }
        await emitted.wait(after: 0)
        for round in 0..<5 {
          try await Self.emit(round * 10 + 1...round * 10 + 10, pool)
          #expect(try await outbox.drain(record: Self.keep).taken == 10)
          #expect(try await outbox.drain(record: Self.keep).taken == 0)
        }
        busy.open()
        try await group.waitForAll()
      }
      #expect(try await outbox.drain(record: Self.keep).taken == 1)
      #expect(try await database.psql("\(Self.kept) WHERE id = 'late'") == "1")
    }
  }

  @Test("What the newest transaction emits is taken once that is committed, though it was looked for")
  func waitsForTheNewestTransaction() async throws {
    try await Self.with { database, pool, outbox in
      let (busy, emitted) = (ThreadGate(), Signal())
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await pool.write { transaction in
            try transaction.run("SELECT millrace.emit('A', 'acme', '{}', id => 'late')")
            emitted.raise()
            busy.hold()
          }
        }
        await emitted.wait(after: 0)
        #expect(try await outbox.drain(record: Self.keep).taken == 0)
        busy.open()
        try await group.waitForAll()
      }
      #expect(try await outbox.drain(record: Self.keep).taken == 1)
      #expect(try await database.psql("\(Self.kept) WHERE id = 'late'") == "1")
    }
  }

  @Test("Several drainers share, and none takes what another has")
  func shares() async throws {
    try await Self.with { database, pool, _ in
      try await Self.emit(1...1000, pool)
      let taken = try await withThrowingTaskGroup(of: Int.self) { group in
        for seed in 1...4 {
          group.addTask {
            let outbox = PostgresOutbox(pool: pool, environment: .test(seed: UInt64(seed), time: ManualTime()))
            var total = 0
            while true {
              let drained = try await outbox.drain(limit: 50, record: Self.keep)
              total += drained.taken
              if drained.taken == 0 { return total }
            }
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(taken == 1000)
      #expect(try await database.psql(Self.kept) == "1000")
    }
  }

  @Test("What cannot be kept stays in the outbox")
  func keepsWhatFails() async throws {
    try await Self.with { database, pool, outbox in
      try await Self.emit(1...3, pool)
      let error = await #expect(throws: DriverError.self) {
        try await outbox.drain { transaction, events in
          try Self.keep(transaction, events)
          throw DriverError(.full, "no_room", "No room.")
        }
      }
      #expect(error?.code == "no_room")
      #expect(try await database.psql(Self.kept) == "0")
      #expect(try await outbox.drain(record: Self.keep).taken == 3)
    }
  }

  @Test("What is no event, or may not come in, is put aside with the reason, and the rest goes on")
  func putsAside() async throws {
    try await Self.with { database, pool, outbox in
      try await Self.emit(1...2, pool)
      try await database.psql(
        """
        INSERT INTO millrace.outbox (envelope)
        VALUES ('{"id": "x", "type": "A", "tenant_id": "acme", "payload": {}, "hops": 1}'), ('7');
        """)
      let drained = try await outbox.drain(
        refusal: { $0.id == "n2" ? "It breaks its schema." : nil }, record: Self.keep)
      #expect(drained.taken == 4)
      #expect(drained.refused == 3)
      #expect(try await database.psql("SELECT id FROM public.kept") == "n1")
      let reasons = try await database.psql("SELECT place || ' ' || reason FROM millrace.outbox_refused ORDER BY place")
      let lines = reasons.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines.first == "2 It breaks its schema.")
      #expect(lines.dropFirst().first?.contains("hops") == true)
    }
  }

  @Test("The store records what is drained, and knows duplicates")
  func recordsEvents() async throws {
    try await Self.with { database, pool, outbox in
      let store = PostgresStore(pool: pool, environment: .test(seed: 1, time: ManualTime()))
      try await Self.emit(1...3, pool)
      #expect(try await outbox.drain(into: store).taken == 3)
      try await Self.emit(2...4, pool)
      #expect(try await outbox.drain(into: store).taken == 3)
      #expect(try await database.psql("SELECT string_agg(id, ',' ORDER BY id) FROM millrace.events") == "n1,n2,n3,n4")
      #expect(try await database.psql("SELECT count(*) FROM millrace.outbox") == "0")
    }
  }

  @Test("Under a long transaction what was taken is not read again: scenario 20")
  func stepsOverTheDead() async throws {
    try await Self.with { database, pool, outbox in
      let (busy, begun) = (ThreadGate(), Signal())
      let (long, old) = (try await Self.deadReads(pool), 2000)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await pool.write { transaction in
            try transaction.run("CREATE TABLE public.long_work ()")
            begun.raise()
            busy.hold()
          }
        }
        await begun.wait(after: 0)
        try await Self.emit(1...old, pool)
        while try await outbox.drain(limit: 500, record: Self.keep).taken > 0 {}
        let before = try await Self.deadReads(pool)
        for round in 1...20 {
          try await Self.emit(old + round...old + round, pool)
          #expect(try await outbox.drain(record: Self.keep).taken == 1)
        }
        let after = try await Self.deadReads(pool)
        #expect(after - before < old, "read \(after - before) index entries for 20 rows; \(before - long) before")
        busy.open()
        try await group.waitForAll()
      }
      #expect(try await database.psql(Self.kept) == "2020")
    }
  }

  /// How many entries the outbox's index has given so far, the dead included.
  private static func deadReads(_ pool: PostgresPool) async throws -> Int {
    try await pool.write { transaction in
      try transaction.run("SELECT pg_stat_force_next_flush()")
    }
    return try await pool.read { transaction in
      let rows = try transaction.rows(
        "SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes WHERE indexrelname = 'outbox_pkey'")
      return Int(rows.integer(0, 0))
    }
  }
}
