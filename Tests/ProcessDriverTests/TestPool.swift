import Foundation
import ProcessChild
import ProcessDriver

/// What the tests need around a pool of test children.
enum TestPool {
  /// The folder of the built programs: the test bundle's own.
  static var products: URL {
    URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  }

  static func make(
    arguments: [String] = [], width: Int = 1, requestsPerChild: Int = 100, limits: ChildLimits = ChildLimits()
  ) -> ChildPool {
    ChildPool(
      configuration: ChildPoolConfiguration(
        executable: products.appending(path: "process-test-child").path, arguments: arguments, width: width,
        requestsPerChild: requestsPerChild, limits: limits))
  }
}

extension ChildPool {
  /// Sends a text and reads the answer as one.
  func ask(_ request: String, deadline: Duration = .seconds(30)) async throws(ChildFailure) -> String {
    String(decoding: try await call(Array(request.utf8), deadline: deadline), as: UTF8.self)
  }

  /// The failure of a request that must fail, or nil where it was answered.
  func failure(of request: String, deadline: Duration = .seconds(30)) async -> ChildFailure? {
    do throws(ChildFailure) {
      _ = try await ask(request, deadline: deadline)
      return nil
    } catch {
      return error
    }
  }

  /// The evidence of a request under which the child must die by itself.
  func death(of request: String) async -> ChildDeath? {
    guard case .died(let death) = await failure(of: request) else { return nil }
    return death
  }

  /// Returns once so many callers wait.
  func reachWaiting(_ count: Int) async {
    while waitingCalls != count { await Task.yield() }
  }
}
