import Foundation
import TestProcesses

/// The data of a new server, made once in a run and copied for each server.
struct PostgresCluster: Sendable {
  /// The folder that initdb has filled.
  let data: String
  private let removal: LastWill

  static func shared() async throws -> PostgresCluster { try await made.value }
  private static let made = Task { try await PostgresCluster.make() }

  /// A folder that the server's user owns.
  static func newFolder() async throws -> String {
    let name = String(UUID().uuidString.prefix(8)).lowercased()
    let folder = FileManager.default.temporaryDirectory.appending(path: "pg-\(name)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if getuid() == 0 { try await Program("chown", ["postgres:postgres", folder]).output() }
    return folder
  }

  private static func make() async throws -> PostgresCluster {
    let folder = try await newFolder()
    let data = "\(folder)/data"
    try await PostgresPrograms.run(
      "initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    let roles = """
      ALTER ROLE postgres PASSWORD '\(PostgresServer.password)';
      CREATE ROLE \(PostgresServer.role) LOGIN PASSWORD '\(PostgresServer.password)';
      CREATE ROLE \(PostgresServer.serverRole) LOGIN PASSWORD '\(PostgresServer.password)';
      """
    try await PostgresPrograms.run("postgres", ["--single", "-F", "-D", data, "postgres"], input: roles)
    return PostgresCluster(data: data, removal: try LastWill("rm -rf \(folder)"))
  }
}
