/// What is measured and how; printed beside the figure.
struct Settings {
  var jobs = 100_000
  var payloadBytes = 512
  var recordBatch = 100
  /// How many clients record at the same time.
  var clients = 4
  var concurrency = 512
  /// Events a second where their pickup is measured; of limited keys, how many of them a second.
  var rate = 300
  /// How many tenants the events are of, in turn.
  var tenants = 1
  /// What the stages of the drain are limited by; nothing of it ever binds.
  var limits = Limits.off
  /// What one key of a limit lets through.
  var bound = KeyBound.rate
  /// How many keys are limited.
  var keys = 10_000
  /// Seconds between two starts of a key whose rate is limited.
  var interval = 10
  /// Milliseconds that a job sleeps.
  var work = 0
  /// How often a busy tenant's speed is measured, alone and beside a quiet one.
  var rounds = 3
  /// How many of the busy tenant's jobs wait at the least.
  var waiting = 100_000
  /// Where the database is written; a temporary folder that is removed when nil.
  var database: String?
  /// The address of an empty PostgreSQL database, whose tables are made; SQLite is measured when nil.
  var postgres: String?
  /// The address of a Redis server for the queue of a PostgreSQL store; the queue is in memory when nil.
  var redis: String?
  /// What goes on at the same time.
  var way = Way.parts

  /// What goes on at the same time.
  enum Way: String {
    /// Nothing: recording, routing and settling follow one another.
    case parts
    /// Routing and settling, once everything is recorded.
    case backlog
    /// All of it.
    case together
    /// Recording and routing, into a queue that nobody takes jobs from: they stay.
    case wait
    /// Events one by one at a rate, and how soon their jobs begin.
    case pickup
    /// A quiet tenant's events at a rate, by themselves and beside another's backlog.
    case quiet
    /// Limited keys, and how much later than their limit lets them their jobs begin.
    case keys
  }

  /// What a stage is limited by.
  enum Limits: String {
    case off
    /// A rate and a concurrency in one limit, and weighted turns.
    case on
    /// The same in two limits.
    case two
  }

  /// What a limit bounds for each key.
  enum KeyBound: String {
    case rate, concurrency
  }

  /// Reads `--jobs N --payload N --batch N --clients N --concurrency N --database FILE --postgres URL --redis URL`, and
  /// `--way parts`, `backlog` with `--tenants N --limits off|on|two`, `together`, `wait`, `pickup` with `--rate N`,
  /// `quiet` with `--rate N --rounds N --waiting N --work MILLISECONDS`, or `keys` with
  /// `--keys N --rate N --bound rate|concurrency --interval SECONDS --work MILLISECONDS`.
  init(arguments: [String]) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let text = rest.popFirst() else { continue }
      if flag == "--database" { database = text }
      if flag == "--postgres" { postgres = text }
      if flag == "--redis" { redis = text }
      if flag == "--way" { way = Way(rawValue: text) ?? way }
      if flag == "--limits" { limits = Limits(rawValue: text) ?? limits }
      if flag == "--bound" { bound = KeyBound(rawValue: text) ?? bound }
      if let value = Int(text), value > 0 { set(flag, to: value) }
    }
  }

  private mutating func set(_ flag: String, to value: Int) {
    switch flag {
    case "--jobs": jobs = value
    case "--payload": payloadBytes = value
    case "--batch": recordBatch = value
    case "--clients": clients = value
    case "--rate": rate = value
    case "--concurrency": concurrency = value
    case "--tenants": tenants = value
    case "--keys": keys = value
    case "--interval": interval = value
    case "--work": work = value
    case "--rounds": rounds = value
    case "--waiting": waiting = value
    default: return
    }
  }

  var description: String {
    "\(jobs) jobs, payload \(payloadBytes) bytes, events recorded in arrays of \(recordBatch) by \(clients) clients, "
      + "one host with \(concurrency) slots, \(tenants) tenants, limits \(limits.rawValue)"
  }
}
