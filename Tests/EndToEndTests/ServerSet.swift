import Foundation
import Testing

/// Where the servers of a test keep store and queue.
///
/// `MILLRACE_TEST_SERVERS` chooses one of them by its name for all tests that run on both; without it they do.
enum ServerSet: String, CaseIterable {
  /// In the data folder, as SQLite.
  case embedded
  /// In PostgreSQL and Redis.
  case servers

  /// Those on which tests are to run that say `.onEveryServerSet`.
  static func chosen() throws -> [ServerSet] {
    guard let name = ProcessInfo.processInfo.environment["MILLRACE_TEST_SERVERS"] else { return allCases }
    return [try #require(ServerSet(rawValue: name), "MILLRACE_TEST_SERVERS is embedded or servers, not '\(name)'.")]
  }
}

/// Runs each test with every set of servers, one after the other. What fails says with which.
struct ServerSetTrait: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for set in try ServerSet.chosen() {
      let databases = set == .servers ? FolderDatabases() : nil
      let marking = IssueHandlingTrait.compactMapIssues { issue in
        var issue = issue
        issue.comments.append("It ran on \(set == .servers ? "PostgreSQL and Redis" : "the embedded store").")
        return issue
      }
      try await FolderDatabases.$current.withValue(databases) {
        try await marking.provideScope(for: test, testCase: testCase, performing: function)
      }
      await databases?.drop()
    }
  }
}

extension Trait where Self == ServerSetTrait {
  /// Runs each test with every set of servers.
  static var onEveryServerSet: Self { ServerSetTrait() }
}
