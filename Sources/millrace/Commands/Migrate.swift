import ArgumentParser
import PostgreSQLDriver
import WorkerKit

/// `migrate`: brings a PostgreSQL database's tables up to date.
struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the tables of a PostgreSQL database up to date.",
    discussion: """
      Run it before a new version is started. The version before goes on working meanwhile and afterwards: steps only \
      add. Each step is one transaction; a command that is interrupted, or run twice at once, does no harm.

      The connection string comes from --database or MILLRACE_DATABASE_URL; what it does not say comes from PGHOST, \
      PGUSER, PGPASSWORD and ~/.pgpass as for psql. A password in --database can be seen by others on this machine.

      Examples:
        millrace migrate --database postgres://millrace@db.example:5432/app --plan
        MILLRACE_DATABASE_URL=… millrace migrate --json

      Exit codes: 0 done, 1 failed, 2 wrong usage, 3 cannot reach the server.
      """)

  @Option(help: ArgumentHelp("The database, as a connection string.", valueName: "url"))
  var database: String?
  @Flag(help: "Change nothing; tell what would be done.")
  var plan = false
  @OptionGroup var output: OutputOptions

  func run() async throws {
    guard let text = database ?? EnvironmentVariable.database.value else {
      throw CommandError.usage("Say which database: --database postgres://user@host/name, or MILLRACE_DATABASE_URL.")
    }
    let migrator = PostgresMigrator(try Self.configuration(of: text), sequences: DatabaseMigrations.all)
    let result = await work(migrator)
    await migrator.close()
    do throws(DriverError) { tell(try result.get()) } catch { throw Self.failure(error) }
  }

  private static func configuration(of text: String) throws -> PostgresConfiguration {
    do throws(DriverError) { return try PostgresConfiguration(text) } catch {
      throw CommandError.usage(error.description)
    }
  }

  private func work(_ migrator: PostgresMigrator) async -> Result<(before: Int, all: [MigrationStanding]), DriverError>
  {
    do throws(DriverError) {
      let before = try await migrator.plan()
      let all = plan ? before : try await migrator.migrate()
      return .success((before.count { $0.isApplied }, all))
    } catch {
      return .failure(error)
    }
  }

  private func tell(_ result: (before: Int, all: [MigrationStanding])) {
    let pending = result.all.count { !$0.isApplied }
    let applied = result.all.count - pending - result.before
    let steps = result.all.map { step in
      JSON.object([
        "owner": .string(step.owner), "number": .integer(Int64(step.number)), "name": .string(step.name),
        "applied_at": step.appliedAt.map { .string($0) } ?? .null,
      ])
    }
    let answer = JSON.object([
      "steps": .array(steps), "applied": .integer(Int64(applied)), "pending": .integer(Int64(pending)),
    ])
    output.show(answer) { _ in
      var table = Table("OWNER", "STEP", "APPLIED AT", "WHAT IT DOES")
      for step in result.all {
        table.add(step.owner, String(step.number), step.appliedAt ?? "to come", step.name)
      }
      return table.text + "\n" + Self.summary(applied: applied, pending: pending)
    }
  }

  private static func summary(applied: Int, pending: Int) -> String {
    if pending > 0 { return "\(pending) to apply; nothing was changed." }
    return applied > 0 ? "\(applied) applied; the database is up to date." : "The database is up to date."
  }

  private static func failure(_ error: DriverError) -> CommandError {
    let isAway = ["postgres_unreachable", "postgres_silent", "postgres_lost", "postgres_tls", "postgres_connections"]
      .contains(error.code)
    return CommandError(reason: isAway ? .unreachable : .failed, message: error.description)
  }
}
