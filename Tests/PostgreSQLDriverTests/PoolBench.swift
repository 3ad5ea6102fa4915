import Foundation
import PostgreSQLDriver
import TestPostgres
import Testing
import WorkerKit

/// Measures, where MILLRACE_BENCH is set; promises nothing.
@Suite("Cost of the PostgreSQL driver", .enabled(if: ProcessInfo.processInfo.environment["MILLRACE_BENCH"] != nil))
struct PoolBench {
  @Test("A round trip, and rows inserted in batches")
  func measures() async throws {
    let server = try await PostgresServer.start(settings: ["fsync": "on", "full_page_writes": "on"])
    try await server.withDatabase { database in
      try await PostgresPool.with(database.url, change: { $0.schema = "public" }) { pool in
        try await pool.write {
          try $0.run("CREATE TABLE rows (number bigint PRIMARY KEY, tenant text, body bytea, at bigint)")
        }
        try await Self.roundTrips(pool)
        for size in [100, 500] { try await Self.batches(of: size, pool) }
      }
    }
  }

  private static func roundTrips(_ pool: PostgresPool) async throws {
    let clock = ContinuousClock()
    for kind in ["read", "write"] {
      var times: [Duration] = []
      for _ in 0..<5000 {
        times.append(
          try await clock.measure {
            _ =
              kind == "read"
              ? try await pool.read { try $0.rows("SELECT 1").integer(0, 0) }
              : try await pool.write { try $0.rows("SELECT 1").integer(0, 0) }
          })
      }
      times.sort()
      report("SELECT 1 by \(kind): p50 \(times[2500]), p99 \(times[4950])")
    }
  }

  private static func batches(of size: Int, _ pool: PostgresPool) async throws {
    let body = [UInt8](repeating: 120, count: 512)
    let count = 100_000 / size
    let base = Int64(size) * 10_000_000
    let length = try await ContinuousClock().measure {
      for batch in 0..<count {
        let numbers = (0..<size).map { base + Int64(batch * size + $0) }
        try await pool.write { transaction in
          try transaction.run(
            "INSERT INTO rows SELECT u.*, $4::bigint FROM unnest($1::bigint[], $2::text[], $3::bytea[]) AS u",
            [
              .integers(numbers), .texts(Array(repeating: "acme", count: size)),
              .byteRows(Array(repeating: body, count: size)), .integer(1),
            ])
        }
      }
    }
    report("\(size) rows of 512 bytes a transaction: \(Int(Double(size * count) / length.inSeconds)) rows/s")
  }

  private static func report(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }
}
