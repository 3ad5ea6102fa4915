/// A statement that is put together once, from parts that others share: kept as a static, and told apart by identity.
final class SQLiteText: Sendable {
  let sql: String

  init(_ sql: String) { self.sql = sql }
}
