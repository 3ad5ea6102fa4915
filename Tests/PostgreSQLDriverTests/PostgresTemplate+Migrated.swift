import PostgreSQLDriver
import TestPostgres

extension PostgresTemplate {
  /// A database with our tables.
  static let migrated = PostgresTemplate("migrated") { database in
    let migrator = PostgresMigrator(try PostgresConfiguration(database.url))
    _ = try await migrator.migrate()
    await migrator.close()
  }
}
