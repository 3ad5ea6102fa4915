internal import CPostgreSQL
import Glibc
import WorkerKit

/// One session on one server, used by one thread; it owns its prepared statements.
///
/// It stays in pipeline mode: what is asked for together travels together. Every wait has an end, also where the server
/// or the network falls silent.
final class PostgresConnection {
  private let handle: OpaquePointer
  private let answerLimit: Duration
  private var prepared: [PostgresStatement.Key: String] = [:]
  private var preparations = 0
  /// What the server still has to answer, in order.
  private var awaited: [Awaited] = []
  /// The BEGIN that travels with the first statement.
  private var opening: PostgresStatement?
  /// True once a BEGIN was sent, until its transaction has ended.
  private(set) var isInTransaction = false
  /// True when the session is of no more use.
  private(set) var isLost = false
  /// Why the transaction cannot be committed.
  private(set) var failure: DriverError?
  /// True when that reason lets the transaction be done again from its start.
  private(set) var mayRepeat = false

  /// The most prepared statements that a session keeps.
  private static let preparedLimit = 500

  private enum Awaited {
    case preparation(PostgresStatement.Key)
    case answer
    case end
  }

  /// Connects; blocks the thread for no longer than the configuration says.
  init(_ configuration: PostgresConfiguration) throws(DriverError) {
    guard let handle = Self.start(configuration.keywords) else { throw PostgresFault.error(state: "53200", words: "") }
    self.handle = handle
    // The server leaves a statement by itself; who is silent for longer than that is gone.
    answerLimit = configuration.statementTimeout + configuration.tcpUserTimeout
    PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    try Self.finish(handle, within: configuration.connectDeadline, password: configuration.password)
    try Self.check(handle)
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost() }
    _ = try exchange([PostgresStatement(Self.waitingForTheDisk)])
  }

  deinit { PQfinish(handle) }

  /// Begins a transaction; BEGIN is sent with the first statement.
  func begin(_ statement: String) {
    opening = PostgresStatement(statement)
    failure = nil
    mayRepeat = false
  }

  /// Runs statements in one round trip, and gives their results in order.
  func exchange(_ statements: [PostgresStatement]) throws(DriverError) -> [PostgresResult] {
    guard !isLost else { throw failure ?? lost() }
    let first = opening
    // Not within a transaction, which may have failed and then refuses it.
    if first != nil, prepared.count > Self.preparedLimit { try forgetStatements() }
    if let first {
      opening = nil
      try send(first)
      isInTransaction = true
    }
    for statement in statements { try send(statement) }
    try sync()
    let results = try answers(keeping: statements.count + (first == nil ? 0 : 1))
    return first == nil ? results : Array(results.dropFirst())
  }

  /// Runs statements without BEGIN: what the server gets up to the next mark is one transaction.
  func exchangeAlone(_ statements: [PostgresStatement]) throws(DriverError) -> [PostgresResult] {
    (opening, failure, mayRepeat) = (nil, nil, false)
    if prepared.count > Self.preparedLimit { try forgetStatements() }
    return try exchange(statements)
  }

  /// What the server has announced since the last look, to a connection that listens and asks for nothing meanwhile.
  func announced() throws(DriverError) -> [String] {
    guard PQconsumeInput(handle) == 1 else { throw lost() }
    var payloads: [String] = []
    while let notification = PQnotifies(handle) {
      payloads.append(String(cString: notification.pointee.extra))
      PQfreemem(notification)
    }
    return payloads
  }

  /// The socket, readable when the server has said something.
  var descriptor: Int32 { PQsocket(handle) }

  /// Commits; returns when the server has said so.
  func commit() throws(DriverError) {
    opening = nil
    guard isInTransaction else { return }
    let results: [PostgresResult]
    do throws(DriverError) {
      results = try exchange([PostgresStatement("COMMIT")])
    } catch {
      guard isLost else { throw error }
      mayRepeat = false
      throw DriverError(
        .unavailable, "postgres_commit_unknown",
        "The connection was lost while the server committed; ask again, what was kept stays kept.",
        detail: error.detail)
    }
    isInTransaction = false
    // A transaction that had failed is rolled back by COMMIT, without an error.
    guard results.first?.command == "COMMIT" else { throw failure ?? PostgresFault.error(state: "25P02", words: "") }
  }

  /// Ends a transaction that wrote nothing, without waiting for the server's word.
  func leave() {
    opening = nil
    guard isInTransaction, !isLost else { return }
    isInTransaction = false
    do throws(DriverError) {
      try send(PostgresStatement("COMMIT"))
      try sync()
      PQflush(handle)
    } catch {
      isLost = true
    }
  }

  /// Gives the transaction up.
  func rollback() {
    opening = nil
    guard isInTransaction, !isLost else { return }
    isInTransaction = false
    _ = try? exchange([PostgresStatement("ROLLBACK")])
  }

  /// Runs a text of several statements without parameters; outside the pipeline, and without a limit of its own.
  func script(_ text: String) throws(DriverError) {
    if opening != nil { _ = try exchange([]) }
    guard PQexitPipelineMode(handle) == 1 else { throw lost() }
    let result = PQexec(handle, text).map(PostgresResult.init)
    guard PQenterPipelineMode(handle) == 1, let result else { throw lost() }
    if result.isFailure { throw note(result) }
  }

  // MARK: Sending

  private func send(_ statement: PostgresStatement) throws(DriverError) {
    let key = statement.key
    let name = prepared[key]
    let known = name ?? "s\(preparations)"
    if name == nil {
      preparations += 1
      guard PQsendPrepare(handle, known, statement.text, Int32(key.types.count), key.types) == 1 else { throw lost() }
      prepared[key] = known
      awaited.append(.preparation(key))
    }
    let sent = PostgresParameters(statement.parameters).withPointers { values, lengths, formats in
      PQsendQueryPrepared(handle, known, Int32(values.count), values, lengths, formats, 1)
    }
    guard sent == 1 else { throw lost() }
    awaited.append(.answer)
  }

  private func sync() throws(DriverError) {
    guard PQpipelineSync(handle) == 1 else { throw lost() }
    awaited.append(.end)
  }

  private func forgetStatements() throws(DriverError) {
    prepared = [:]
    try send(PostgresStatement("DEALLOCATE ALL"))
    // It has taken itself away with the others.
    prepared = [:]
    try sync()
    _ = try answers(keeping: 0)
  }

  // MARK: Receiving

  /// Reads everything that is awaited. The last `count` answers are those of this call.
  private func answers(keeping count: Int) throws(DriverError) -> [PostgresResult] {
    let total = awaited.reduce(0) { if case .answer = $1 { $0 + 1 } else { $0 } }
    var (seen, kept, first) = (0, [PostgresResult](), DriverError?.none)
    let pending = awaited
    awaited = []
    for item in pending {
      let result = try next()
      guard let result else { throw lost() }
      switch item {
      case .end: if result.status != PGRES_PIPELINE_SYNC { throw lost() }
      case .preparation(let key):
        if result.status != PGRES_COMMAND_OK { prepared[key] = nil }
        try drain()
      case .answer:
        seen += 1
        if seen > total - count { kept.append(result) }
        try drain()
      }
      if result.isFailure, first == nil, seen >= total - count { first = note(result) }
    }
    if let first { throw first }
    return kept
  }

  /// Reads up to the mark that ends a statement's results.
  private func drain() throws(DriverError) { while try next() != nil {} }

  private func next() throws(DriverError) -> PostgresResult? {
    let end = ContinuousClock.now + answerLimit
    while true {
      // Sending goes on while answers are read: two sides that only write would wait for each other.
      let unsent = PQflush(handle)
      if PQisBusy(handle) == 0 { break }
      try wait(for: unsent == 1 ? POLLIN | POLLOUT : POLLIN, until: end)
      if PQconsumeInput(handle) == 0, PQstatus(handle) == CONNECTION_BAD { break }
    }
    return PQgetResult(handle).map(PostgresResult.init)
  }

  private func wait(for events: Int32, until end: ContinuousClock.Instant) throws(DriverError) {
    guard Self.poll(handle, for: events, until: end) else {
      isLost = true
      let error = DriverError(
        .unavailable, "postgres_silent", "The database server does not answer; look at it and at the network.")
      failure = failure ?? error
      throw error
    }
  }

  /// Notes what went wrong, for whoever ends the transaction.
  private func note(_ result: PostgresResult) -> DriverError {
    let state = result.field("C")
    let severity = result.field("V")
    if state.isEmpty { return lost() }
    let names = ["s", "t", "c", "n"].map { result.field($0) }.filter { !$0.isEmpty }.joined(separator: ".")
    // What a failed transaction says to every further statement; why it failed is known.
    if state == "25P02", let failure { return failure }
    let error = PostgresFault.error(state: state, words: result.field("M"), names: names)
    if severity == "FATAL" || severity == "PANIC" || PostgresFault.endsSession(state) { isLost = true }
    if failure == nil {
      failure = error
      mayRepeat = isLost && state != "25006" || PostgresFault.mayRepeat(state)
    }
    return error
  }

  /// The connection has ended without a word of the server.
  private func lost() -> DriverError {
    isLost = true
    let words = String(cString: PQerrorMessage(handle)).split(separator: "\n").first.map(String.init) ?? ""
    let error = PostgresFault.error(state: "08006", words: words)
    if failure == nil {
      failure = error
      mayRepeat = true
    }
    return failure ?? error
  }
}
