import Foundation
import HTTPDriver
import TestProcesses
import Testing

@Suite("HTTP failures", .timeLimit(.minutes(5)))
struct HTTPFailureTests {
  let server: TestServer
  let client: HTTPClient

  init() async throws {
    server = try await TestServer.shared.value
    client = try HTTPClient()
  }

  @Test func aServerThatNeverAnswersTimesOut() async throws {
    await #expect(throws: HTTPFailure.timeout) {
      try await client.send(HTTPRequest(url: server.url("/hang/timeout"), timeout: .milliseconds(200)))
    }
    #expect(try await client.send(HTTPRequest(url: server.url("/gone/timeout"))).status == 200)
  }

  @Test func waitingForATurnCountsTowardsTheTimeout() async throws {
    let narrow = try HTTPClient(HTTPClientConfiguration(maximumTransfers: 1))
    let first = Task { try await narrow.send(HTTPRequest(url: server.url("/hang/turn"))) }
    #expect(try await client.send(HTTPRequest(url: server.url("/hanging/turn"))).status == 200)
    await #expect(throws: HTTPFailure.timeout) {
      try await narrow.send(HTTPRequest(url: server.url("/hello"), timeout: .milliseconds(50)))
    }
    await narrow.close()
    await #expect(throws: HTTPFailure.closed) { try await first.value }
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(1)])
  func noTimeIsATimeout(timeout: Duration) async {
    await #expect(throws: HTTPFailure.timeout) {
      try await client.send(HTTPRequest(url: server.url("/hang/none"), timeout: timeout))
    }
  }

  @Test func aClosedPortRefuses() async throws {
    let port = try LoopbackPort.unused()
    await #expect(throws: HTTPFailure.connectionRefused) {
      try await client.send(HTTPRequest(url: "http://127.0.0.1:\(port)/"))
    }
  }

  @Test func anUnknownHostHasNoAddress() async {
    await #expect(throws: HTTPFailure.nameNotResolved) {
      try await client.send(
        HTTPRequest(url: "http://nowhere.invalid/", timeout: .seconds(120), connectTimeout: .seconds(120)))
    }
  }

  @Test func aPlainServerFailsTheHandshake() async {
    let url = server.url("/hello").replacing("http:", with: "https:")
    await #expect(throws: HTTPFailure.tls) { try await client.send(HTTPRequest(url: url)) }
  }

  @Test(arguments: ["/broken", "/silent"])
  func aBrokenConnectionIsLost(path: String) async {
    await #expect(throws: HTTPFailure.connectionLost) {
      try await client.send(HTTPRequest(url: server.url(path)))
    }
  }

  @Test func anAnswerThatIsNotHTTPIsInvalid() async {
    await #expect(throws: HTTPFailure.invalidResponse) {
      try await client.send(HTTPRequest(url: server.url("/garbage")))
    }
  }

  @Test(arguments: ["/large/streamed", "/large/announced", "/headers"])
  func anEndlessResponseIsStopped(path: String) async {
    await #expect(throws: HTTPFailure.responseTooLarge) {
      try await client.send(HTTPRequest(url: server.url(path), maximumResponseBytes: 100_000))
    }
  }

  @Test func aResponseMayBeAsLargeAsTheLimit() async throws {
    let url = server.url("/hello")
    #expect(try await client.send(HTTPRequest(url: url, maximumResponseBytes: 5)).body.count == 5)
    for limit in [4, 0, -1, .min] {
      await #expect(throws: HTTPFailure.responseTooLarge) {
        try await client.send(HTTPRequest(url: url, maximumResponseBytes: limit))
      }
    }
  }

  @Test(
    arguments: [
      "", "hello", "/hello", "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http:/127.0.0.1/",
      "http://", "http://127.0.0.1:99999/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: 1", "http://a\u{0}b/",
      " http://127.0.0.1/", "127.0.0.1/http://",
    ])
  func otherURLsAreRefused(url: String) async {
    await #expect(throws: HTTPFailure.invalidURL) { try await client.send(HTTPRequest(url: url)) }
  }

  @Test(
    arguments: [
      ("GET", "A\r\nB", "1"), ("GET", "", "1"), ("GET", "A:", "1"), ("GET", "Ä", "1"), ("GET", "A", "1\r\nB: 2"),
      ("GET", "A", "1\n2"), ("GET", "A", "1\u{0}2"), ("GET /x HTTP/1.1\r\nA:", "A", "1"), ("", "A", "1"),
      ("POST", "content-length", "1"), ("POST", "Transfer-Encoding", "chunked"),
    ])
  func nothingIsSmuggledIn(method: String, name: String, value: String) async {
    let request = HTTPRequest(method: method, url: server.url("/hello"), headers: [name: value])
    await #expect(throws: HTTPFailure.invalidRequest) { try await client.send(request) }
  }

  @Test func cancellingTheTaskEndsTheTransfer() async throws {
    let task = Task { try await client.send(HTTPRequest(url: server.url("/hang/cancel"))) }
    #expect(try await client.send(HTTPRequest(url: server.url("/hanging/cancel"))).status == 200)
    task.cancel()
    await #expect(throws: HTTPFailure.cancelled) { try await task.value }
    #expect(try await client.send(HTTPRequest(url: server.url("/gone/cancel"))).status == 200)
  }

  @Test func aCancelledTaskSendsNothing() async throws {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await client.send(HTTPRequest(url: server.url("/hello")))
    }
    await #expect(throws: HTTPFailure.cancelled) { try await task.value }
  }

  @Test func closingEndsWhatIsInFlight() async throws {
    let closing = try HTTPClient(HTTPClientConfiguration(maximumTransfers: 1))
    let running = Task { try await closing.send(HTTPRequest(url: server.url("/hang/close"))) }
    #expect(try await client.send(HTTPRequest(url: server.url("/hanging/close"))).status == 200)
    let waiting = Task { try await closing.send(HTTPRequest(url: server.url("/hello"))) }
    await closing.close()
    await #expect(throws: HTTPFailure.closed) { try await running.value }
    await #expect(throws: HTTPFailure.closed) { try await waiting.value }
    await #expect(throws: HTTPFailure.closed) { try await closing.send(HTTPRequest(url: server.url("/hello"))) }
    #expect(try await client.send(HTTPRequest(url: server.url("/gone/close"))).status == 200)
    await closing.close()
  }

  @Test func onlyTheRequestsOwnFaultsLast() {
    let lasting: [HTTPFailure] = [.responseTooLarge, .invalidURL, .invalidRequest, .addressNotAllowed]
    let passing: [HTTPFailure] = [
      .timeout, .connectionRefused, .nameNotResolved, .tls, .connectionLost, .invalidResponse, .cancelled, .closed,
      .other(code: 1, text: "text"),
    ]
    #expect(lasting.allSatisfy { !$0.isTransient })
    #expect(passing.allSatisfy { $0.isTransient })
    #expect(Set((lasting + passing).map(\.description)).count == 13)
  }
}
