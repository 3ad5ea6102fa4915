import Foundation
import TestProcesses

/// A PostgreSQL server with data of its own, on a free loopback port and a socket in its folder.
///
/// It is stopped, and its data removed, when this process lets go of it, however the process ends.
public final class PostgresServer: Sendable {
  /// The port on 127.0.0.1.
  public let port: Int
  /// The folder of the socket and of the data.
  public let folder: String
  private let end: LastWill

  /// The role that tests connect as; it owns their databases and is no superuser.
  public static let role = "millrace"
  /// A role that owns nothing, for what the documents say that dispatchers and workers need no more than.
  public static let serverRole = "millrace_server"
  /// The password of both, and of the superuser.
  public static let password = "not-a-secret"

  /// The server that tests share; started by the first, without the cost of synchronising to disk.
  public static func shared() async throws -> PostgresServer { try await sharedServer.value }
  private static let sharedServer = Task { try await PostgresServer.start() }

  /// Starts a server. `settings` go into postgresql.conf; `access` replaces the lines of pg_hba.conf.
  public static func start(settings: [String: String] = [:], access: [String]? = nil) async throws -> PostgresServer {
    // Somebody else may take the port before the server does.
    for _ in 0..<4 { if let server = try? await launch(settings, access: access) { return server } }
    return try await launch(settings, access: access)
  }

  private static func launch(_ settings: [String: String], access: [String]?) async throws -> PostgresServer {
    let cluster = try await PostgresCluster.shared()
    let server = try await PostgresServer { try await Program("cp", ["-a", cluster.data, $0]).output() }
    try await server.configure(settings, access: access)
    try await server.start()
    return server
  }

  /// Starts a standby of a running server, which follows it over a connection that is called `standby`.
  public static func start(following primary: PostgresServer) async throws -> PostgresServer {
    let connection = "host=\(primary.folder) port=\(primary.port) user=postgres application_name=standby"
    let server = try await PostgresServer { data in
      try await PostgresPrograms.run(
        "pg_basebackup", ["-D", data, "-d", connection, "-X", "stream", "-R", "--checkpoint=fast", "--no-sync"])
    }
    try await server.configure([:])
    try await server.start()
    return server
  }

  /// Makes a server whose data `fill` puts into the folder that it is given.
  private init(_ fill: (String) async throws -> Void) async throws {
    folder = try await PostgresCluster.newFolder()
    port = try LoopbackPort.unused()
    try await fill("\(folder)/data")
    let programs = try PostgresPrograms.folder()
    end = try LastWill(
      """
      cd /
      \(PostgresPrograms.asServer.joined(separator: " ")) \(programs)/pg_ctl -D \(folder)/data -m immediate -w stop
      rm -rf \(folder)
      """)
  }

  /// The data folder.
  public var data: String { "\(folder)/data" }
  /// What the server has logged.
  public var log: String { (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? "" }

  /// Starts the server; again, after `stop`.
  public func start() async throws {
    try await PostgresPrograms.run("pg_ctl", ["-D", data, "-l", "\(folder)/log", "-w", "-t", "60", "start"])
  }

  /// Stops the server; `immediate` is as if the power had gone.
  public func stop(_ mode: String = "immediate") async throws {
    try await PostgresPrograms.run("pg_ctl", ["-D", data, "-m", mode, "-w", "-t", "60", "stop"])
  }

  /// Keeps a copy of the stopped server's data, as a snapshot of its disk is.
  public func keepCopy() async throws { try await Program("cp", ["-a", data, "\(folder)/copy"]).output() }

  /// Puts the stopped server back to the copy that was kept.
  public func restoreCopy() async throws {
    try await Program("rm", ["-rf", data]).output()
    try await Program("cp", ["-a", "\(folder)/copy", data]).output()
  }

  /// Starts the stopped server as a standby, which takes no writes.
  public func becomeStandby() async throws {
    let words = PostgresPrograms.asServer + ["touch", "\(data)/standby.signal"]
    try await Program("/usr/bin/env", words).output()
    try await start()
  }

  /// Makes a standby the one that takes writes.
  public func promote() async throws {
    try await PostgresPrograms.run("pg_ctl", ["-D", data, "-w", "-t", "60", "promote"])
  }

  /// Keeps a file for the server beside its data, readable for it alone, and gives its path.
  public func keep(_ content: String, as name: String) async throws -> String {
    let path = "\(folder)/\(name)"
    try Data(content.utf8).write(to: URL(filePath: path))
    if getuid() == 0 { try await Program("chown", ["postgres:postgres", path]).output() }
    try await Program("chmod", ["600", path]).output()
    return path
  }

  /// Has the running server read its settings again.
  public func reload() async throws { try await PostgresPrograms.run("pg_ctl", ["-D", data, "reload"]) }

  /// Adds settings to postgresql.conf, and replaces pg_hba.conf where `access` is given.
  public func configure(_ settings: [String: String], access: [String]? = nil) async throws {
    var all = [
      "listen_addresses": "127.0.0.1", "port": String(port), "unix_socket_directories": folder, "fsync": "off",
      "full_page_writes": "off", "shared_buffers": "64MB", "log_min_messages": "warning",
    ]
    all.merge(settings) { $1 }
    let lines = all.sorted { $0.key < $1.key }.map { "\($0.key) = '\($0.value)'\n" }
    try Self.append(lines.joined(), to: "\(data)/postgresql.conf")
    let access =
      access ?? ["local all all trust", "local replication all trust", "host all all 127.0.0.1/32 scram-sha-256"]
    try Self.overwrite("\(data)/pg_hba.conf", with: access.joined(separator: "\n") + "\n")
  }

  /// The address of a database over TCP, for the test's role or another.
  public func url(_ database: String, role: String = role, password: String = password, query: String = "") -> String {
    "postgres://\(role):\(password)@127.0.0.1:\(port)/\(database)\(query)"
  }

  /// Runs statements as superuser, and gives what they print, without heads and alignment.
  @discardableResult
  public func psql(_ sql: String, database: String = "postgres", role: String = "postgres") async throws -> String {
    let words = [
      "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", folder, "-p", String(port), "-U", role, "-d",
      database, "-f", "-",
    ]
    return try await Program("psql", words).output(input: sql).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  // Files are written in place, so that they stay the server's own.
  private static func append(_ text: String, to path: String) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.seekToEnd()
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  private static func overwrite(_ path: String, with text: String) throws {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }
}
