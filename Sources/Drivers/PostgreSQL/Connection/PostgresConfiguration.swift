public import WorkerKit

/// How to reach a PostgreSQL database, and within which bounds it is used.
///
/// What the connection string does not say comes from the environment (`PGHOST`, `PGUSER`, `PGPASSWORD`, `PGSSLMODE`,
/// `PGSERVICE`, …) and `~/.pgpass`, as for any program that uses libpq.
public struct PostgresConfiguration: Sendable {
  /// The most connections at once; at least 1.
  public var connections = 8
  /// How long a caller waits for a free connection.
  public var waitLimit: Duration = .seconds(10)
  /// How long connecting to one host may take; `connect_timeout` and `PGCONNECT_TIMEOUT` set it too.
  public var connectTimeout: Duration
  /// How long a statement may take.
  public var statementTimeout: Duration = .seconds(30)
  /// How long a statement waits for a lock.
  public var lockTimeout: Duration = .seconds(10)
  /// How long the server lets a transaction stand idle before it ends the session. Nothing of ours pauses within one,
  /// so that only a process that stands still comes to it; what that has locked waits as long.
  public var idleInTransactionTimeout: Duration = .seconds(15)
  /// How long the network may leave what was sent unacknowledged.
  public var tcpUserTimeout: Duration = .seconds(10)
  /// The schema that unqualified names mean.
  public var schema = "millrace"
  /// Settings of every session, beside those above.
  public var sessionSettings: [String: String] = PostgresConfiguration.pinnedPlans
  /// What the connection string said, by libpq's keywords.
  let given: [String: String]

  /// The settings that keep to plans by index: with statistics that are old, or not there yet, the planner would read
  /// and sort whole tables instead, at a hundred times the cost.
  public static let pinnedPlans = [
    "plan_cache_mode": "force_generic_plan", "jit": "off", "enable_seqscan": "off", "enable_bitmapscan": "off",
    "enable_sort": "off", "enable_hashjoin": "off", "enable_mergejoin": "off",
  ]

  /// Reads `postgres://user@host:5432/database?sslmode=verify-full`, or `host=… dbname=…`, or nothing where the
  /// environment says it all.
  /// - Throws: A refusal that does not repeat the string, since it may hold a password.
  public init(_ text: String = "") throws(DriverError) {
    given = try PostgresKeywords.read(text)
    connectTimeout = .seconds(5)
    let limit = given["connect_timeout"] ?? PostgresKeywords.fromEnvironment("connect_timeout")
    // libpq takes 1 for 2, and 0 for no limit, which no caller of ours could bear.
    if let seconds = limit.flatMap({ Int($0) }), seconds > 0 { connectTimeout = .seconds(max(2, seconds)) }
  }

  /// Every keyword that libpq is given.
  var keywords: [String: String] {
    var all = given
    func add(_ keyword: String, _ value: String) {
      if all[keyword] == nil, PostgresKeywords.fromEnvironment(keyword) == nil { all[keyword] = value }
    }
    add("target_session_attrs", "read-write")
    add("tcp_user_timeout", String(tcpUserTimeout.milliseconds))
    add("keepalives_idle", "30")
    add("keepalives_interval", "10")
    add("keepalives_count", "3")
    add("fallback_application_name", "millrace")
    all["client_encoding"] = "UTF8"
    let options = all["options"] ?? PostgresKeywords.fromEnvironment("options")
    all["options"] = [sessionOptions, options].compactMap(\.self).joined(separator: " ")
    return all
  }

  /// How long connecting may take in all: each host that is named has its time.
  var connectDeadline: Duration {
    let hosts = (given["hostaddr"] ?? given["host"] ?? PostgresKeywords.fromEnvironment("host") ?? "").split(
      separator: ",")
    return hosts.count > 1 ? max(connectTimeout, tcpUserTimeout) * hosts.count : connectTimeout
  }

  /// The password, to keep it out of messages.
  var password: String? { given["password"] ?? PostgresKeywords.fromEnvironment("password") }

  private var sessionOptions: String {
    var settings = sessionSettings
    settings["search_path"] = schema
    settings["statement_timeout"] = String(statementTimeout.milliseconds)
    settings["lock_timeout"] = String(lockTimeout.milliseconds)
    settings["idle_in_transaction_session_timeout"] = String(idleInTransactionTimeout.milliseconds)
    settings["default_transaction_isolation"] = "read\\ committed"
    return settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }.joined(separator: " ")
  }
}

extension PostgresConfiguration: CustomStringConvertible, CustomReflectable {
  /// Where it leads, without any secret.
  public var description: String {
    ["host", "hostaddr", "port", "dbname", "user", "sslmode"].compactMap { keyword in
      (given[keyword] ?? PostgresKeywords.fromEnvironment(keyword)).map { "\(keyword)=\($0)" }
    }.joined(separator: " ")
  }

  /// What reflection and `dump` show: the description alone.
  public var customMirror: Mirror { Mirror(self, children: ["target": description]) }
}
