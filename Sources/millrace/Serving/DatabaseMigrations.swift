import PostgreSQLDriver

/// The steps that a PostgreSQL database needs: our own tables, and those of workers that bring some.
enum DatabaseMigrations {
  static let all: [PostgresMigrations] = [.millrace] + StandardWorkers.tables
}
