import Foundation

extension PostgresDatabase {
  /// Gives the role that owns nothing the rights that `docs/production.md` names for the servers, by its very
  /// statements.
  public func grantRights() async throws { try await psql(try Self.documentedRights()) }

  private static func documentedRights() throws -> String {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/production.md")
    let blocks = try String(contentsOf: page.standardized, encoding: .utf8).components(separatedBy: "```")
    let rights = blocks.first {
      $0.hasPrefix("sql\n") && $0.contains("ON SCHEMA millrace TO \(PostgresServer.serverRole)")
    }
    guard let rights else { throw NoRights() }
    return String(rights.dropFirst("sql\n".count))
  }

  private struct NoRights: Error, CustomStringConvertible {
    var description: String { "docs/production.md has no block of SQL with the rights of the servers' role." }
  }
}
