import Foundation
import HTTPDriver
import Testing

@Suite("HTTP client", .timeLimit(.minutes(5)))
struct HTTPClientTests {
  let server: TestServer
  let client: HTTPClient

  init() async throws {
    server = try await TestServer.shared.value
    client = try HTTPClient()
  }

  @Test func getReturnsStatusHeadersAndBody() async throws {
    let response = try await client.send(HTTPRequest(url: server.url("/hello")))
    #expect(response.status == 200)
    #expect(response.body == Array("hello".utf8))
    #expect(response.headers["x-two"] == "a")
    #expect(response.headers["X-TWO"] == "a")
    #expect(response.headers["x-three"] == nil)
    #expect(response.headers["content-length"] == "5")
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"])
  func methodsSendHeadersAndBinaryBodies(method: String) async throws {
    let body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    var headers: HTTPHeaders = ["X-One": "1", "X-Empty": "", "Content-Type": "application/octet-stream"]
    headers.add(name: "X-One", value: "é")
    let request = HTTPRequest(method: method, url: server.url("/echo"), headers: headers, body: body)
    let response = try await client.send(request)
    #expect(response.body == body)
    #expect(response.headers["X-Method"] == method)
    let seen = try receivedHeaders(response)
    #expect(seen.contains("x-one: 1"))
    #expect(seen.contains { $0.hasPrefix("x-one: ") && $0 != "x-one: 1" })
    #expect(seen.contains("x-empty: "))
    #expect(seen.contains("content-type: application/octet-stream"))
    #expect(seen.contains("content-length: 300000"))
    #expect(!seen.contains { $0.hasPrefix("expect") })
  }

  @Test func nothingIsAddedToABodyOfNoType() async throws {
    let request = HTTPRequest(method: "POST", url: server.url("/echo"), body: [0, 255, 10])
    let response = try await client.send(request)
    #expect(response.body == [0, 255, 10])
    #expect(!(try receivedHeaders(response)).contains { $0.hasPrefix("content-type") })
  }

  @Test func emptyPostHasALength() async throws {
    let response = try await client.send(HTTPRequest(method: "POST", url: server.url("/echo")))
    #expect(try receivedHeaders(response).contains("content-length: 0"))
  }

  @Test func headHasNoBody() async throws {
    let response = try await client.send(HTTPRequest(method: "HEAD", url: server.url("/hello")))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
    #expect(response.headers["Content-Length"] == "5")
  }

  @Test func anErrorStatusIsAResponse() async throws {
    let response = try await client.send(HTTPRequest(url: server.url("/missing")))
    #expect(response.status == 404)
    #expect(response.body == Array("no such page".utf8))
  }

  @Test func interimResponsesAreLeftOut() async throws {
    let response = try await client.send(HTTPRequest(url: server.url("/interim")))
    #expect(response.status == 200)
    #expect(response.headers["X-Late"] == "2")
    #expect(response.headers["X-Early"] == nil)
  }

  @Test func aConnectionIsUsedAgain() async throws {
    for count in 1...3 {
      let response = try await client.send(HTTPRequest(url: server.url("/hello")))
      #expect(response.headers["X-Served"] == String(count))
    }
  }

  @Test func aClientThatIsLetGoClosesItsConnections() async throws {
    func visit() async throws {
      let client = try HTTPClient()
      #expect(try await client.send(HTTPRequest(url: server.url("/visit/let-go"))).status == 200)
    }
    try await visit()
    #expect(try await client.send(HTTPRequest(url: server.url("/gone/let-go"))).status == 200)
  }

  @Test func redirectsAreAnswersUnlessAskedFor() async throws {
    let request = HTTPRequest(url: server.url("/redirect/1"))
    #expect(try await client.send(request).status == 302)
    let following = try HTTPClient(HTTPClientConfiguration(maximumRedirects: 2))
    let response = try await following.send(request)
    #expect(response.status == 200)
    #expect(response.headers["Location"] == nil)
    var post = request
    post.method = "POST"
    #expect(try await following.send(post).status == 302)
    await #expect(throws: HTTPFailure.self) {
      try await following.send(HTTPRequest(url: server.url("/redirect/2")))
    }
    await #expect(throws: HTTPFailure.invalidResponse) {
      try await following.send(HTTPRequest(url: server.url("/elsewhere")))
    }
  }

  @Test func aConfiguredProxyIsAsked() async throws {
    let proxied = try HTTPClient(HTTPClientConfiguration(proxy: server.url("")))
    let response = try await proxied.send(HTTPRequest(url: "http://proxied.invalid/hello"))
    // The server finds no page under the absolute URL that a proxy is sent.
    #expect(response.status == 404)
  }

  @Test func twoHundredRequestsAtOnce() async throws {
    let configuration = HTTPClientConfiguration(maximumTransfers: 50)
    let client = try HTTPClient(configuration)
    let url = server.url("/echo")
    let bodies = try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<200 {
        group.addTask {
          let body = Array("body \(index)".utf8)
          return try await client.send(HTTPRequest(method: "POST", url: url, body: body)).body == body
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(bodies == Array(repeating: true, count: 200))
    await client.close()
  }

  private func receivedHeaders(_ response: HTTPResponse) throws -> [String] {
    let digits = Array(try #require(response.headers["X-Headers"]))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return parts[0].lowercased() + ":" + (parts.count > 1 ? parts[1] : "")
    }
  }
}
