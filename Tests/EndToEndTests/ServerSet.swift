import Foundation
import Testing

/// Where the servers of a test keep store and queue.
///
/// `MILLRACE_TEST_SERVERS` chooses one of them by its name for all tests that run on several; without it they run on
/// the first two, and those that say so on all.
enum ServerSet: String, CaseIterable {
  /// In the data folder, as SQLite.
  case embedded
  /// In PostgreSQL and Redis.
  case servers
  /// In PostgreSQL alone.
  case database

  /// What a person calls it.
  var name: String {
    switch self {
    case .embedded: "the embedded store"
    case .servers: "PostgreSQL and Redis"
    case .database: "PostgreSQL alone"
    }
  }

  /// Those on which tests are to run that do so on several, or even on all.
  static func chosen(isAll: Bool) throws -> [ServerSet] {
    guard let name = ProcessInfo.processInfo.environment["MILLRACE_TEST_SERVERS"] else {
      return isAll ? allCases : [.embedded, .servers]
    }
    let names = allCases.map(\.rawValue).joined(separator: ", ")
    return [try #require(ServerSet(rawValue: name), "MILLRACE_TEST_SERVERS is one of \(names), not '\(name)'.")]
  }
}

/// Runs each test with every set of servers, one after the other. What fails says with which.
struct ServerSetTrait: SuiteTrait, TestTrait, TestScoping {
  let isAll: Bool
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    for set in try ServerSet.chosen(isAll: isAll) {
      let databases = set == .embedded ? nil : FolderDatabases(set)
      let marking = IssueHandlingTrait.compactMapIssues { issue in
        var issue = issue
        issue.comments.append("It ran on \(set.name).")
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
  /// Runs each test with the embedded store, and beside PostgreSQL and Redis.
  static var onEveryServerSet: Self { ServerSetTrait(isAll: false) }
  /// The same, and beside PostgreSQL alone: where it may make a difference who moves jobs.
  static var onEveryQueue: Self { ServerSetTrait(isAll: true) }
}
