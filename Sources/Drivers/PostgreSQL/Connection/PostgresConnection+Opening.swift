internal import CPostgreSQL
import Glibc
import WorkerKit

extension PostgresConnection {
  /// The oldest server that has what the statements use.
  private static let oldestServer: Int32 = 140_000

  /// Has commits wait for the disk where the server, the database, the role or the address says that they need not:
  /// what a verb answers must outlive a loss of power. Stronger settings, which wait for standbys, stay.
  static let waitingForTheDisk = """
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
    """

  /// Begins to connect.
  static func start(_ keywords: [String: String]) -> OpaquePointer? {
    let ordered = keywords.sorted { $0.key < $1.key }
    let names = ordered.map { strdup($0.key) }
    let values = ordered.map { strdup($0.value) }
    defer { for text in names + values { free(text) } }
    let keys = names.map { UnsafePointer<CChar>($0) } + [nil]
    let contents = values.map { UnsafePointer<CChar>($0) } + [nil]
    return PQconnectStartParams(keys, contents, 0)
  }

  /// Goes on until the session stands, or says why it does not.
  static func finish(_ handle: OpaquePointer, within limit: Duration, password: String?) throws(DriverError) {
    let end = ContinuousClock.now + limit
    var state = PGRES_POLLING_WRITING
    while PQstatus(handle) != CONNECTION_BAD, state != PGRES_POLLING_OK, state != PGRES_POLLING_FAILED {
      guard poll(handle, for: state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: end) else {
        throw DriverError(
          .unavailable, "postgres_unreachable",
          "The database server cannot be reached; start it, or correct its address.",
          detail: "no answer within \(limit)")
      }
      state = PQconnectPoll(handle)
    }
    guard PQstatus(handle) == CONNECTION_OK else {
      throw PostgresFault.connecting(String(cString: PQerrorMessage(handle)), password: password)
    }
  }

  /// Refuses a server on which the statements would fail one by one.
  static func check(_ handle: OpaquePointer) throws(DriverError) {
    let version = PQserverVersion(handle)
    guard version >= oldestServer else {
      throw DriverError(
        .unavailable, "postgres_too_old", "The database server is too old; PostgreSQL 14 or newer is needed.",
        detail: "version \(version / 10_000)")
    }
    let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
    guard encoding == "UTF8" else {
      throw DriverError(
        .unavailable, "postgres_encoding",
        "The database cannot hold every character; create it with ENCODING 'UTF8'.", detail: encoding)
    }
  }

  /// Waits for the socket; false when the time is over.
  static func poll(_ handle: OpaquePointer, for events: Int32, until end: ContinuousClock.Instant) -> Bool {
    var socket = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
    while true {
      let left = ContinuousClock.now.duration(to: end)
      guard left > .zero else { return false }
      // A millisecond more, since what is left of the last one must not become a busy loop.
      let result = Glibc.poll(&socket, 1, Int32(clamping: left.milliseconds + 1))
      if result > 0 || result < 0 && errno != EINTR { return true }
    }
  }
}
