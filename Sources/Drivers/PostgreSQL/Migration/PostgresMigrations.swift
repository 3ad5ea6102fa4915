/// The steps of one owner's tables, numbered from 1 in this order: `millrace`, or a worker with tables of its own.
public struct PostgresMigrations: Sendable, Hashable {
  /// Who owns the tables: a word.
  public let owner: String
  /// Every step since the beginning.
  public let steps: [PostgresMigration]

  /// Describes a sequence.
  public init(owner: String, steps: [PostgresMigration]) {
    self.owner = owner
    self.steps = steps
  }

  /// The tables of the store and of the outbox.
  public static let millrace = PostgresMigrations(
    owner: "millrace",
    steps: [
      PostgresMigration("the tables of the store", StoreTables.script),
      PostgresMigration("the outbox, and millrace.emit", OutboxTables.script),
    ])
}
