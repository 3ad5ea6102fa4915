import Foundation
import TestPostgres
import Testing
import WorkerKit

@Suite("millrace migrate", .timeLimit(.minutes(5)))
struct MigrateTests {
  @Test("Plans, applies and tells, for people and for scripts")
  func migrates() async throws {
    try await PostgresServer.withDatabase { database in
      let plan = try await Self.run("--database", database.url, "--plan", "--json")
      #expect(plan.status == 0, "\(plan.errors)")
      let planned = try JSONReader.parse(plan.output)
      #expect(planned["applied"] == .integer(0))
      #expect(planned["pending"] != .integer(0))
      let done = try await Self.run("--database", database.url)
      #expect(done.status == 0, "\(done.errors)")
      #expect(done.output.hasSuffix(" applied; the database is up to date.\n"))
      let again = try await Self.run("--database", database.url)
      #expect(again.output.hasSuffix("\nThe database is up to date.\n"))
    }
  }

  @Test("Says what is wrong, and never the password")
  func complains() async throws {
    let server = try await PostgresServer.shared()
    let none = try await Self.run()
    #expect(none.status == 2)
    #expect(none.errors.contains("--database"))
    let bad = try await Self.run("--database", "postgres://millrace:pa/ss@127.0.0.1/x")
    #expect(bad.status == 2)
    #expect(bad.errors.contains("%2F"))
    let wrong = try await Self.run("--database", server.url("postgres", password: "sesame"))
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("postgres_password"))
    let away = try await Self.run("--database", "postgres://millrace:sesame@127.0.0.1:1/x")
    #expect(away.status == 3)
    #expect(away.errors.contains("postgres_unreachable"))
    for run in [bad, wrong, away] { #expect(!run.errors.contains("sesame") && !run.errors.contains("pa/ss")) }
  }

  private static func run(_ arguments: String...) async throws -> Command.Result {
    try await Command.run(["migrate"] + arguments)
  }
}
