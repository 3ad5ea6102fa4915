/// The steps of one owner's tables, numbered from 1 in this order: `millrace`, or a worker with tables of its own.
///
/// A worker's tables stand in the schema `millrace` and have names that begin with its own: `autosave_documents`. Those
/// that hold a tenant's data have row-level security, which `PostgresTransaction.restrict(to:)` goes with.
public struct PostgresMigrations: Sendable, Hashable {
  /// Who owns the tables: lower-case letters, digits and underscores, and no two owners alike.
  public let owner: String
  /// Every step since the beginning.
  public let steps: [PostgresMigration]

  /// Describes a sequence.
  public init(owner: String, steps: [PostgresMigration]) {
    self.owner = owner
    self.steps = steps
  }

  /// The tables of the store, of the outbox and of the queue.
  public static let millrace = PostgresMigrations(
    owner: "millrace",
    steps: [
      PostgresMigration("the tables of the store", StoreTables.script),
      PostgresMigration("the outbox, and millrace.emit", OutboxTables.script),
      PostgresMigration("a tally of dead letters, and what is asked of runs", DeadTally.script + HistoryIndexes.script),
      PostgresMigration("partitions for a role that owns no table", PartitionFunctions.script),
      PostgresMigration("what is paused", PauseTables.script),
      PostgresMigration("a queue, beside the store", QueueTables.script),
    ])
}
