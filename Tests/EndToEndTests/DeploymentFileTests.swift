import Foundation
import Testing
import Yams

/// The files under `docker` are right as far as that can be seen without running them.
@Suite("Files of a deployment", .timeLimit(.minutes(5)))
struct DeploymentFileTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docker")
    .standardized

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test("compose.yaml runs commands that there are, with options that they have, two and three times")
  func composes() async throws {
    let file = try #require(try Yams.load(yaml: try Self.text("compose.yaml")) as? [String: Any])
    let services = try #require(file["services"] as? [String: [String: Any]])
    #expect(Set(services.keys) == ["postgres", "redis", "migrate", "dispatcher", "worker"])
    for (name, count) in [("migrate", nil), ("dispatcher", 2), ("worker", 3)] {
      let service = try #require(services[name])
      #expect((service["deploy"] as? [String: Int])?["replicas"] == count)
      #expect(service["image"] as? String == "millrace", "The common settings are merged in.")
      let words = try #require(service["command"] as? [String])
      let help = try await Command.run([words[0], "--help"])
      #expect(help.status == 0, "\(words)")
      for option in words where option.hasPrefix("--") { #expect(help.output.contains("\(option) <"), "\(option)") }
    }
  }

  @Test("The image's program is no root's")
  func isOrdinary() throws {
    let lines = try Self.text("Dockerfile").split(separator: "\n")
    let user = try #require(lines.lastIndex { $0.hasPrefix("USER ") })
    #expect(lines[user] == "USER millrace")
    #expect(lines.suffix(from: user).contains { $0.hasPrefix("ENTRYPOINT") })
  }
}
