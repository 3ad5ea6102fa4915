import TestPostgres
import TestRedis
import Testing
import WorkerKit

/// A primary with a standby behind one URL, as a production set-up has them.
private struct PostgresCouple {
  let primary: PostgresServer
  let standby: PostgresServer

  /// The address of both, of which libpq takes the one that is written to.
  var url: String {
    "postgres://\(PostgresServer.role):\(PostgresServer.password)@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)"
      + "/\(RecoveryWorld.database)?target_session_attrs=read-write"
  }

  /// Runs `body` while all are at work beside the two, and then checks what came of it.
  static func with(
    isSynchronous: Bool, isAlone: Bool = false,
    _ body: @escaping @Sendable (RecoveryWorld, PostgresCouple) async throws -> Void
  ) async throws {
    let primary = try await PostgresServer.start()
    let couple = PostgresCouple(primary: primary, standby: try await PostgresServer.start(following: primary))
    if isSynchronous {
      // From here on a commit is answered when the standby has it too.
      try await primary.configure(["synchronous_standby_names": "standby"])
      try await primary.reload()
    }
    let follow: @Sendable (RecoveryWorld) async throws -> Void = { world in
      let kind = isSynchronous ? "sync" : "async"
      try await world.until("the standby follows") {
        try await primary.psql("SELECT state, sync_state FROM pg_stat_replication") == "streaming|\(kind)"
      }
      try await body(world, couple)
    }
    if isAlone {
      try await RecoveryWorld.alone(postgres: primary, address: { _ in couple.url }, follow)
    } else {
      try await RecoveryWorld.with(postgres: primary, address: { _ in couple.url }) { world, _ in
        try await follow(world)
      }
    }
  }

  /// The primary is gone for good, and the standby takes its place.
  func failOver() async throws {
    try await primary.stop()
    try await standby.promote()
  }
}

@Suite("PostgreSQL's standby takes over, under load", .timeLimit(.minutes(5)), .serialized)
struct FailoverTests {
  @Test(
    "A synchronous one has all that was accepted and settled, and everybody goes on with it", arguments: [false, true])
  func losesNothing(isAlone: Bool) async throws {
    try await PostgresCouple.with(isSynchronous: true, isAlone: isAlone) { world, couple in
      async let stream: Void = world.feed(200)
      try await world.untilCompleted(60)
      let epoch = try await world.node.store.epoch()
      try await couple.failOver()
      try await world.untilEpoch(after: epoch)
      try await world.untilCompleted(world.effects.completed + 40)
      try await stream
      #expect(try await couple.standby.psql("SELECT pg_is_in_recovery()") == "f")
    }
  }

  @Test("One that lags knows less; what it knows is done, once each, and nobody writes by what was lost: scenario 7")
  func goesOnWithLess() async throws {
    try await PostgresCouple.with(isSynchronous: false) { world, couple in
      try await world.feed(80)
      try await world.untilCompleted(60)
      // Its link breaks, and nobody notices.
      try await couple.standby.configure(["primary_conninfo": ""])
      try await couple.standby.psql("ALTER SYSTEM RESET primary_conninfo")
      try await couple.standby.reload()
      try await world.until("the standby has stopped to follow") {
        try await couple.primary.psql("SELECT count(*) FROM pg_stat_replication") == "0"
      }
      try await world.feed(60)
      let old = try await world.node.leaseOne()
      let epoch = try await world.node.store.epoch()
      try await couple.failOver()
      try await world.untilEpoch(after: epoch)
      #expect(try await world.node.settle(old) != .settled, "Nobody writes by what was lost.")
      let events = try await world.node.store.events(EventFilter(limit: 1000)).events.map(\.envelope.id)
      #expect((80..<140).contains(events.count), "What was accepted after the link broke is lost by nature.")
      world.accepted = events
      try await world.feed(40)
    }
  }
}
