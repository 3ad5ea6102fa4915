import Foundation
import HTTPDriver
import Testing
import WorkerKit

@testable import CallWorker

@Suite("What http.call may reach", .timeLimit(.minutes(5)))
struct EgressTests {
  let server: CallServer

  init() async throws { server = try await CallServer.shared.value }

  @Test(arguments: [
    "127.0.0.1", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "0.0.0.0",
    "[::ffff:7f00:1]",
  ])
  func thisMachineIsRefused(host: String) async throws {
    let bench = try CallBench(allowing: "other.example,127.0.0.1:\(server.port + 1)")
    let failure = await bench.failure(["url": .string("http://\(host):\(server.port)/echo")])
    #expect(failure?.kind == .permanent)
    #expect(failure?.code == "address_not_allowed")
  }

  @Test(arguments: ["169.254.169.254", "10.1.2.3", "192.168.0.1", "[fd00:ec2::254]", "[fe80::1]", "224.0.0.1"])
  func privateAddressesAreRefusedWithoutAPacket(host: String) async throws {
    let failure = try await CallBench(allowing: "").failure(["url": .string("http://\(host)/")])
    #expect(failure?.code == "address_not_allowed")
  }

  @Test(arguments: ["localhost", " LocalHost , other.example", "localhost:PORT"]) func allowedHostsAreReached(
    list: String
  ) async throws {
    let bench = try CallBench(allowing: list.replacing("PORT", with: String(server.port)))
    let output = try await bench.call(["url": .string("http://localhost:\(server.port)/echo")])
    #expect(output["status"] == 200)
    let other = await bench.failure(["url": .string(server.url("/echo"))])
    #expect(other?.code == "address_not_allowed")
  }

  /// A redirect would lead past the list.
  @Test func redirectsAreNotFollowed() async throws {
    let bench = try CallBench()
    let failure = await bench.failure([
      "url": .string(server.url("/answer?status=302&Location=/echo")), "method": "GET",
    ])
    #expect(failure?.fields == ["status": "302"])
  }

  @Test(arguments: [
    "127.0.0.1", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.255.255",
    "169.254.169.254", "100.64.0.0", "100.100.100.200", "100.127.255.255", "0.0.0.0", "0.1.2.3", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.251", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1", "::", "::1", "::ffff:10.0.0.1", "::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fec0::1", "ff02::1", "3fff::1", "100::1", "4000::1",
  ])
  func addressesOfOtherUses(text: String) throws { #expect(!PublicAddress.admits(try bytes(text))) }

  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
    "169.253.255.255", "192.0.1.1", "192.167.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17",
    "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808",
    "2002:808:808::1",
  ])
  func publicAddresses(text: String) throws { #expect(PublicAddress.admits(try bytes(text))) }

  @Test func otherLengthsAreNone() {
    for count in [0, 3, 5, 15, 17] { #expect(!PublicAddress.admits(Array(repeating: 1, count: count))) }
  }

  @Test(arguments: [
    "a/b", "user@host", "a:b", "a:70000", "a b:c", "*.example", "http://a", "::1", "[::1", "a:80:80", "ä",
  ])
  func entriesThatAreNone(text: String) {
    #expect(throws: AllowedHostsError.self) { try AllowedHosts("good.example,\(text)") }
  }

  @Test func listsAreRead() throws {
    let list = try AllowedHosts("A.example, b.example:8080,,[FD00::1],10.0.0.1:80")
    #expect(list.contains(HTTPTarget(host: "a.example", port: 1)))
    #expect(list.contains(HTTPTarget(host: "b.example", port: 8080)))
    #expect(!list.contains(HTTPTarget(host: "b.example", port: 80)))
    #expect(list.contains(HTTPTarget(host: "[fd00::1]", port: 443)))
    #expect(list.contains(HTTPTarget(host: "10.0.0.1", port: 80)))
    #expect(!list.contains(HTTPTarget(host: "10.0.0.1", port: 443)))
    #expect(!AllowedHosts.none.contains(HTTPTarget(host: "", port: 80)))
  }

  private func bytes(_ text: String) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    let family = text.contains(":") ? AF_INET6 : AF_INET
    try #require(inet_pton(family, text, &bytes) == 1)
    return family == AF_INET6 ? bytes : Array(bytes[..<4])
  }
}
