import FoundationEssentials
import Glibc

/// The variables that the command reads.
enum EnvironmentVariable: String {
  /// The address of the server that commands talk to.
  case url = "MILLRACE_URL"
  /// The secret that a server asks for, and that commands bring.
  case token = "MILLRACE_TOKEN"
  /// How much a server logs: `debug`, `info`, `warning`, `error`.
  case logLevel = "MILLRACE_LOG_LEVEL"
  /// Hosts that `http.call` may call although their addresses are not public.
  case allowedHosts = "MILLRACE_HTTP_ALLOW"

  /// How many jobs may wait in one queue.
  case highWater = "MILLRACE_HIGH_WATER"
  /// How many events may wait to be routed.
  case highWaterEvents = "MILLRACE_HIGH_WATER_EVENTS"

  /// Where the picture program is, when it does not stand beside this one.
  case imaging = "MILLRACE_IMAGING"

  /// The PostgreSQL database, as a connection string.
  case database = "MILLRACE_DATABASE_URL"
  /// The Redis server of the queue, as a URL.
  case queue = "MILLRACE_QUEUE_URL"

  /// Who runs the command, where it is not told.
  case user = "USER"
  /// Every variable of this process: what another process of the same program is given.
  static var all: [String: String] { ProcessInfo.processInfo.environment }

  /// The variable's value; nil where it is not set, or empty.
  var value: String? { Self.text(rawValue) }

  /// The value of any variable; nil where it is not set, or empty.
  static func text(_ name: String) -> String? {
    guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
    return value
  }
}
