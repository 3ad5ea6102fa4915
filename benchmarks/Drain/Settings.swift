/// What is measured and how; printed beside the figure.
struct Settings {
  var jobs = 100_000
  var payloadBytes = 512
  var recordBatch = 100
  /// How many clients record at the same time.
  var clients = 4
  var concurrency = 512
  /// How many tenants the jobs are of, in turn.
  var tenants = 1
  /// Events a second where their pickup is measured.
  var rate = 300
  /// Where the database is written; a temporary folder that is removed when nil.
  var database: String?
  /// The address of an empty PostgreSQL database, whose tables are made; SQLite is measured when nil.
  var postgres: String?
  /// The address of a Redis server for the queue of a PostgreSQL store, or `postgres` for a queue beside it; the queue
  /// is in memory when nil.
  var queue: String?
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
    /// Events in arrays at a rate, and as many processes' parts as production has, whatever becomes of the queue.
    case steady
  }

  /// Reads `--jobs N --payload N --batch N --clients N --concurrency N --tenants N --database FILE --postgres URL
  /// --queue URL`, and `--way parts`, `backlog`, `together`, `wait`, or `pickup` and `steady` with `--rate N`.
  init(arguments: [String]) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let text = rest.popFirst() else { continue }
      if flag == "--database" { database = text }
      if flag == "--postgres" { postgres = text }
      if flag == "--queue" { queue = text }
      if flag == "--way" { way = Way(rawValue: text) ?? way }
      guard let value = Int(text), value > 0 else { continue }
      switch flag {
      case "--jobs": jobs = value
      case "--payload": payloadBytes = value
      case "--batch": recordBatch = value
      case "--clients": clients = value
      case "--rate": rate = value
      case "--concurrency": concurrency = value
      case "--tenants": tenants = value
      default: continue
      }
    }
  }

  var description: String {
    "\(jobs) jobs, payload \(payloadBytes) bytes, events recorded in arrays of \(recordBatch) by \(clients) clients, "
      + "one host with \(concurrency) slots, tenants: \(tenants)"
  }
}
