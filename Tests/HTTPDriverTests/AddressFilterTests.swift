import HTTPDriver
import Synchronization
import Testing

@Suite("Address filter", .timeLimit(.minutes(5)))
struct AddressFilterTests {
  let server: TestServer

  init() async throws { server = try await TestServer.shared.value }

  /// What a filter was asked.
  private final class Asked: Sendable {
    private let peers = Mutex<[HTTPPeer]>([])
    var all: [HTTPPeer] { peers.withLock { $0 } }
    func note(_ peer: HTTPPeer) { peers.withLock { $0.append(peer) } }
  }

  private func client(_ asked: Asked, redirects: Int = 0, allows: Bool) throws -> HTTPClient {
    let filter: @Sendable (HTTPPeer) -> Bool = { peer in
      asked.note(peer)
      return allows
    }
    return try HTTPClient(HTTPClientConfiguration(maximumRedirects: redirects, addressFilter: filter))
  }

  @Test func whatIsRefusedIsNotConnectedTo() async throws {
    let asked = Asked()
    let client = try client(asked, allows: false)
    for _ in 1...2 {
      await #expect(throws: HTTPFailure.addressNotAllowed) {
        try await client.send(HTTPRequest(url: server.url("/hello")))
      }
    }
    let peer = HTTPPeer(target: HTTPTarget(host: "127.0.0.1", port: server.port), address: [127, 0, 0, 1])
    #expect(asked.all == [peer, peer])
  }

  /// A name is asked about by the address that it has.
  @Test func namesAreAskedAboutByTheirAddress() async throws {
    let asked = Asked()
    let client = try client(asked, allows: false)
    await #expect(throws: HTTPFailure.addressNotAllowed) {
      try await client.send(HTTPRequest(url: "http://LocalHost:\(server.port)/hello"))
    }
    let loopback: [[UInt8]] = [[127, 0, 0, 1], Array(repeating: 0, count: 15) + [1]]
    #expect(!asked.all.isEmpty)
    #expect(asked.all.allSatisfy { loopback.contains($0.address) && $0.target.host == "localhost" })
  }

  /// Other spellings of addresses are still those addresses.
  @Test(arguments: ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]"])
  func spellingsAreSeenThrough(host: String) async throws {
    let asked = Asked()
    let client = try client(asked, allows: false)
    await #expect(throws: HTTPFailure.addressNotAllowed) {
      try await client.send(HTTPRequest(url: "http://\(host):\(server.port)/hello"))
    }
    #expect(asked.all.allSatisfy { $0.address.suffix(4) == [127, 0, 0, 1] })
  }

  @Test func whatIsAllowedIsAskedOncePerConnection() async throws {
    let asked = Asked()
    let client = try client(asked, allows: true)
    for _ in 1...3 { #expect(try await client.send(HTTPRequest(url: server.url("/hello"))).status == 200) }
    #expect(asked.all.count == 1)
  }

  @Test func redirectsAreNotFollowed() async throws {
    let client = try client(Asked(), redirects: 3, allows: true)
    #expect(try await client.send(HTTPRequest(url: server.url("/redirect/1"))).status == 302)
  }

  /// A user before an at sign is not the host, and a port may be the scheme's.
  @Test(arguments: [
    ("http://allowed.example:80@other.example/", "other.example", 80),
    ("https://Other.Example/#@allowed.example", "other.example", 443),
    ("http://[::1]:8080/", "[::1]", 8080),
  ])
  func targetsAreReadAsTheClientReadsThem(url: String, host: String, port: Int) throws {
    let target = try HTTPTarget(url: url)
    #expect(target == HTTPTarget(host: host, port: port))
  }

  @Test(arguments: ["", "hello", "http://", "http://a:99999/", "http://a b/"]) func otherTextsAreNone(url: String) {
    #expect(throws: HTTPFailure.invalidURL) { try HTTPTarget(url: url) }
  }
}
