import Foundation

/// A database that one test has for itself; gone when the test ends.
public struct PostgresDatabase: Sendable {
  /// The server that it is on.
  public let server: PostgresServer
  /// Its name.
  public let name: String

  /// A database that is there.
  public init(server: PostgresServer, name: String) {
    self.server = server
    self.name = name
  }

  /// Its address over TCP, as the role that owns it.
  public var url: String { server.url(name) }

  /// Its address over TCP, as the role that owns nothing.
  public var serverURL: String { server.url(name, role: PostgresServer.serverRole) }

  /// Its address through the server's socket, which asks for no password.
  public var socketURL: String {
    "postgres:///\(name)?host=\(server.folder)&port=\(server.port)&user=\(PostgresServer.role)"
  }

  /// Runs statements as superuser, or as another role, and gives what they print.
  @discardableResult
  public func psql(_ sql: String, role: String = "postgres") async throws -> String {
    try await server.psql(sql, database: name, role: role)
  }

  /// Removes it, whoever is connected. A test may have stopped its server for good; then it is gone anyway.
  public func drop() async { _ = try? await server.psql("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
}

/// A database that is made once on a server, and copied for each test that names it.
public struct PostgresTemplate: Sendable {
  /// What tells it from others: letters and underscores.
  public let name: String
  let prepare: @Sendable (PostgresDatabase) async throws -> Void

  /// Describes a template; `prepare` gets it as an empty database, and has to let go of it.
  public init(_ name: String, prepare: @escaping @Sendable (PostgresDatabase) async throws -> Void) {
    self.name = name
    self.prepare = prepare
  }
}

extension PostgresServer {
  /// Makes a database, empty or as a copy of the template, for who drops it again.
  public func newDatabase(from template: PostgresTemplate? = nil) async throws -> PostgresDatabase {
    var source = "template1"
    if let template { source = try await PostgresTemplates.shared.name(of: template, on: self) }
    let name = "test_" + UUID().uuidString.prefix(8).lowercased()
    try await psql("CREATE DATABASE \(name) OWNER \(Self.role) TEMPLATE \(source)")
    return PostgresDatabase(server: self, name: name)
  }

  /// Runs `body` with a database of its own: empty, or a copy of the template.
  public func withDatabase<Value>(
    from template: PostgresTemplate? = nil, _ body: (PostgresDatabase) async throws -> Value
  ) async throws -> Value {
    let result: Result<Value, any Error>
    let database = try await newDatabase(from: template)
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.drop()
    return try result.get()
  }

  /// Runs `body` with a database of its own on the shared server.
  public static func withDatabase<Value>(
    from template: PostgresTemplate? = nil, _ body: (PostgresDatabase) async throws -> Value
  ) async throws -> Value {
    try await shared().withDatabase(from: template, body)
  }
}

/// The templates that were made in this run.
private actor PostgresTemplates {
  static let shared = PostgresTemplates()
  private var made: [String: Task<Void, any Error>] = [:]

  func name(of template: PostgresTemplate, on server: PostgresServer) async throws -> String {
    let name = "template_\(template.name)"
    let key = "\(server.port)/\(name)"
    let task =
      made[key]
      ?? Task {
        try await server.psql("CREATE DATABASE \(name) OWNER \(PostgresServer.role)")
        try await template.prepare(PostgresDatabase(server: server, name: name))
      }
    made[key] = task
    try await task.value
    return name
  }
}
