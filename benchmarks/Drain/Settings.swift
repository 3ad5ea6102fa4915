/// What is measured and how; printed beside the figure.
struct Settings {
  var jobs = 100_000
  var payloadBytes = 512
  var recordBatch = 100
  /// How many clients record at the same time.
  var clients = 4
  var concurrency = 512
  /// Where the database is written; a temporary folder that is removed when nil.
  var database: String?
  /// The address of a migrated and empty PostgreSQL database; SQLite is measured when nil.
  var postgres: String?

  /// Whether recording, routing and settling go on at the same time, not one after the other.
  var isTogether = false

  /// Reads `--jobs N --payload N --batch N --clients N --concurrency N --database FILE --postgres URL --together 1`.
  init(arguments: [String]) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let text = rest.popFirst() else { continue }
      if flag == "--database" { database = text }
      if flag == "--postgres" { postgres = text }
      guard let value = Int(text), value > 0 else { continue }
      switch flag {
      case "--jobs": jobs = value
      case "--payload": payloadBytes = value
      case "--batch": recordBatch = value
      case "--clients": clients = value
      case "--concurrency": concurrency = value
      case "--together": isTogether = true
      default: continue
      }
    }
  }

  var description: String {
    "\(jobs) jobs, payload \(payloadBytes) bytes, events recorded in arrays of \(recordBatch) by \(clients) clients, "
      + "one host with \(concurrency) slots"
  }
}
