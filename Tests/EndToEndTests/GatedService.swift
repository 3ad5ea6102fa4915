import HTTPDriver
import TestProcesses
import WorkerKit

/// A service that keeps its callers waiting until it is told to answer, in a process of its own.
final class GatedService {
  /// A request that has come.
  struct Call {
    /// Its path, `/first`.
    let path: String
    /// What it named as its idempotency key: the job.
    let key: String
    /// When it came, in seconds of the service's clock, which never goes back.
    let seconds: Double
  }

  private let server: PythonServer
  private let client: HTTPClient

  init() async throws {
    server = try await .service(Self.handler)
    client = try HTTPClient()
  }

  var port: Int { server.port }

  /// Answers so many more calls, the oldest first: those that wait, or will.
  func answer(_ count: Int) async throws { _ = try await get("/answer/\(count)") }

  /// Answers what has come, and from now on everything at once.
  func open() async throws { try await answer(1_000_000) }

  /// The calls so far, in the order in which they came, as soon as there are so many.
  func calls(_ count: Int = 0) async throws -> [Call] {
    guard case .array(let calls) = try await get("/calls/\(count)") else { return [] }
    return calls.map { call in
      Call(path: call["path"]?.string ?? "", key: call["key"]?.string ?? "", seconds: call["seconds"]?.double ?? 0)
    }
  }

  /// The most calls of a path that were open at once so far.
  func mostOpen(_ path: String) async throws -> Int { try await get("/most")[path]?.integer ?? 0 }

  /// What the service's clock says.
  func seconds() async throws -> Double { try await get("/seconds").double }

  private func get(_ path: String) async throws -> JSON {
    let response = try await client.send(HTTPRequest(url: server.url(path), timeout: .seconds(300)))
    return try JSONReader.parse(response.body)
  }

  private static let handler = #"""
    calls, open_now, most, answered, changed = [], {}, {}, 0, threading.Condition()
    class Handler(Base):
        def do_GET(self):
            global answered
            what, _, count = self.path[1:].partition("/")
            with changed:
                if what == "answer":
                    answered += int(count)
                    changed.notify_all()
                if what == "calls": changed.wait_for(lambda: len(calls) >= int(count))
                value = {"calls": calls, "most": most, "seconds": time.monotonic()}.get(what)
                self.answer(200, value)
        def do_POST(self):
            self.sent()
            path = self.path
            with changed:
                number = len(calls)
                calls.append({"path": path, "key": self.headers["Idempotency-Key"], "seconds": time.monotonic()})
                open_now[path] = open_now.get(path, 0) + 1
                most[path] = max(most.get(path, 0), open_now[path])
                changed.notify_all()
                changed.wait_for(lambda: number < answered)
                open_now[path] -= 1
            self.answer(200, {})
    """#
}

extension JSON {
  /// The number, and 0 for anything else.
  fileprivate var double: Double { if case .double(let number) = self { number } else { 0 } }
}
