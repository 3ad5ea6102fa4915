import Foundation
import TestPostgres
import TestProcesses
import Testing

/// The examples of docs/emit.md, run as they stand there.
@Suite("Examples of millrace.emit", .timeLimit(.minutes(5)))
struct EmitExampleTests {
  private static let python = ["/usr/bin/python3", "python3"]

  @Test("psql")
  func usesPsql() async throws {
    try await Self.with { database in
      try await database.psql(try Self.example("sql"), role: PostgresServer.role)
    }
  }

  @Test(
    "Python with psycopg",
    .enabled("psycopg is missing: apt-get install python3-psycopg") { await interpreter() != nil })
  func usesPsycopg() async throws {
    try await Self.with { database in
      let program = try #require(await Self.interpreter())
      try await Program(program, ["-"], adding: ["DATABASE_URL": database.url])
        .output(input: try Self.example("python"))
    }
  }

  @Test("C with libpq")
  func usesLibpq() async throws {
    try await Self.with { database in
      let program = FileManager.default.temporaryDirectory.appending(path: "emit-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: program) }
      let flags = try await Program("pkg-config", ["--cflags", "libpq"]).output()
      let words = flags.split(whereSeparator: \.isWhitespace).map(String.init)
      try await Program("gcc", ["-Wall", "-Werror", "-x", "c", "-"] + words + ["-o", program, "-lpq"])
        .output(input: try Self.example("c"))
      try await Program(program, adding: ["DATABASE_URL": database.url]).output()
    }
  }

  /// Runs an example in a database with an application's table, and looks at what it has left.
  private static func with(_ body: (PostgresDatabase) async throws -> Void) async throws {
    try await PostgresServer.withDatabase(from: .migrated) { database in
      try await database.psql(
        """
        CREATE TABLE public.documents (id text PRIMARY KEY, title text NOT NULL);
        GRANT ALL ON public.documents TO \(PostgresServer.role)
        """)
      try await body(database)
      #expect(try await database.psql("SELECT count(*) FROM public.documents") == "1")
      let emitted = "SELECT envelope ->> 'type', envelope -> 'payload' ->> 'document_id' FROM millrace.outbox"
      #expect(try await database.psql(emitted) == "DocumentSaved|d-1")
    }
  }

  private static func interpreter() async -> String? {
    for program in python {
      if await Program(program, ["-c", "import psycopg"]).succeeds { return program }
    }
    return nil
  }

  /// The block of docs/emit.md in a language.
  private static func example(_ language: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/emit.md"), encoding: .utf8)
    let start = try #require(page.range(of: "\n```\(language)\n"))
    let end = try #require(page.range(of: "\n```\n", range: start.upperBound..<page.endIndex))
    return String(page[start.upperBound..<end.lowerBound]) + "\n"
  }
}
