import Dispatcher
import HTTPDriver
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("API server", .timeLimit(.minutes(5)))
struct ServerTests {
  let bench: TestBench
  static let token = "0123456789abcdef"

  init() throws { bench = try TestBench() }

  /// A route that does what a test says.
  struct OneRoute: APIExtension {
    let routes: [APIRoute]
    init(_ handler: @escaping APIRoute.Handler) { routes = [APIRoute("GET", "/v1/test/{name}", handler: handler)] }
  }

  struct Unforeseen: Error { let text = "secret" }

  @Test func unknownAddressesAndMethodsAreProblems() async throws {
    try await TestClient.serving(bench.services) { client in
      for path in ["/", "/nope", "/v1/jobs/1/2", "/v2/jobs"] {
        let answer = try await client.get(path)
        #expect(answer.status == 404)
        #expect(answer.problem == "no_route")
      }
      for method in ["POST", "DELETE", "PUT", "PATCH", "OPTIONS", "REPORT"] {
        let answer = try await client.send(method, "/v1/jobs")
        #expect(answer.status == 405)
        #expect(answer.problem == "method_not_allowed")
        #expect(answer.header("Allow") == "GET, HEAD")
      }
      #expect(try await client.get("/v1/dead/replay").header("Allow") == "POST")
    }
  }

  @Test func headAnswersWithoutABody() async throws {
    try await TestClient.serving(bench.services) { client in
      let get = try await client.get("/v1/jobs")
      let head = try await client.send("HEAD", "/v1/jobs")
      #expect(head.status == 200)
      #expect(head.text.isEmpty)
      #expect(head.header("Content-Length") == "\(get.text.utf8.count)")
    }
  }

  @Test func theTokenGuardsEverythingButLiveness() async throws {
    try await TestClient.serving(bench.services, token: Self.token) { client in
      #expect(try await client.get("/v1/jobs").status == 200)
      let stranger = client.anonymous
      #expect(try await stranger.get("/health/live").status == 200)
      for path in ["/health/ready", "/metrics", "/v1/jobs", "/v1/events/e1", "/nope"] {
        let answer = try await stranger.get(path)
        #expect(answer.status == 401)
        #expect(answer.problem == "unauthorized")
        #expect(answer.header("WWW-Authenticate") == "Bearer")
      }
      let wrong = [
        "Bearer 0123456789abcdeg", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0123456789abcdef",
        "Basic 0123456789abcdef", "0123456789abcdef", "Bearer ",
      ]
      for header in wrong {
        let answer = try await stranger.send("GET", "/v1/jobs", headers: ["Authorization": header])
        #expect(answer.status == 401, "\(header)")
      }
    }
  }

  @Test(arguments: ["0.0.0.0", "192.168.1.1", "::", "example.org", "127.0.0.1.example.org", "1270.0.0.1"])
  func anOpenAddressNeedsAToken(host: String) throws {
    #expect(throws: ListenError.tokenRequired(host: host)) { try APIOptions(host: host, port: 1) }
    _ = try APIOptions(host: host, port: 1, token: Self.token)
  }

  @Test(arguments: ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) func loopbackNeedsNone(host: String) throws {
    _ = try APIOptions(host: host, port: 1)
  }

  @Test func aTokenThatCanBeGuessedIsRefused() {
    #expect(throws: ListenError.tokenTooShort) { try APIOptions(port: 1, token: "secret") }
  }

  @Test func aTakenPortIsSaidSo() async throws {
    try await TestClient.serving(bench.services) { client in
      let port = try #require(client.base.split(separator: ":").last.flatMap { Int($0) })
      let second = APIServer(options: try APIOptions(port: port), services: bench.services)
      await #expect(
        throws: ListenError.refused(host: "127.0.0.1", port: port, reason: "another program listens there")
      ) { try await second.run(until: Signal()) { _ in } }
    }
  }

  @Test func anExtensionAnswersAndItsFailuresStayInside() async throws {
    let route = OneRoute { request in
      if request.parameter("name") == "broken" { throw Unforeseen() }
      return APIResponse(["name": .string(request.parameter("name"))])
    }
    try await TestClient.serving(bench.services, extensions: [route]) { client in
      #expect(try await client.get("/v1/test/a%20b%C3%A9").json == ["name": "a bé"])
      #expect(try await client.get("/v1/test/%ff").status == 404)
      #expect(try await client.get("/v1/test/a%00").status == 404)
      let broken = try await client.get("/v1/test/broken")
      #expect(broken.status == 500)
      #expect(broken.problem == "internal_error")
      #expect(!broken.text.contains("secret"))
    }
    #expect(bench.logs.text.contains("Unforeseen"))
    #expect(!bench.logs.text.contains("secret"))
  }

  @Test func aRequestUnderWayOutlivesTheStop() async throws {
    let (entered, release, stop) = (Signal(), Signal(), Signal())
    let route = OneRoute { _ in
      entered.raise()
      await release.wait(after: 0)
      return APIResponse(["done": true])
    }
    let server = APIServer(options: try APIOptions(port: 0), services: bench.services, extensions: [route])
    let (addresses, found) = AsyncStream.makeStream(of: ListeningAddress.self)
    try await withThrowingTaskGroup(of: Int?.self) { group in
      group.addTask {
        try await server.run(until: stop) { found.yield($0) }
        return nil
      }
      var iterator = addresses.makeAsyncIterator()
      let address = try #require(await iterator.next())
      let client = try HTTPClient()
      group.addTask { try await client.send(HTTPRequest(url: "\(address)/v1/test/slow")).status }
      await entered.wait(after: 0)
      stop.raise()
      release.raise()
      var statuses: [Int?] = []
      for try await status in group { statuses.append(status) }
      #expect(statuses.contains(200))
      await #expect(throws: HTTPFailure.connectionRefused) { try await client.send(HTTPRequest(url: "\(address)/")) }
    }
  }

  @Test func cancellingBreaksOff() async throws {
    let (entered, stop) = (Signal(), Signal())
    let route = OneRoute { _ in
      entered.raise()
      await Signal().wait(after: 0)
      throw CancellationError()
    }
    let server = APIServer(options: try APIOptions(port: 0), services: bench.services, extensions: [route])
    let (addresses, found) = AsyncStream.makeStream(of: ListeningAddress.self)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await server.run(until: stop) { found.yield($0) } }
      var iterator = addresses.makeAsyncIterator()
      guard let address = await iterator.next() else { return }
      group.addTask { _ = try? await HTTPClient().send(HTTPRequest(url: "\(address)/v1/test/slow")) }
      await entered.wait(after: 0)
      group.cancelAll()
    }
    #expect(stop.count == 0)
  }
}
