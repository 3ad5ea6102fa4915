import Foundation
import HTTPDriver
import Testing
import WorkerKit

/// Talks to a running server as an API's engineer would.
struct ServerAPI {
  let url: String
  private let client: HTTPClient

  init(_ server: RunningServer) throws {
    try self.init(url: server.url)
  }

  init(url: String) throws {
    self.url = url
    client = try HTTPClient()
  }

  /// Reads an address; again where a busy store says that it should be tried again.
  func get(_ path: String) async throws -> JSON {
    while true {
      let (status, body) = try await answer(path)
      try Task.checkCancellation()
      if status == 503, body["code"] == "store_unavailable" { continue }
      try #require(status == 200, "\(path): \(body.text())")
      return body
    }
  }

  /// Reads an address, whatever comes of it.
  func answer(_ path: String) async throws -> (status: Int, body: JSON) {
    let response = try await client.send(HTTPRequest(url: url + path))
    return (response.status, try JSONReader.parse(response.body))
  }

  /// Sends JSON, whatever comes of it.
  func post(_ path: String, _ body: JSON) async throws -> (status: Int, body: JSON) {
    let request = HTTPRequest(
      method: "POST", url: url + path, headers: ["Content-Type": "application/json"], body: body.bytes())
    let response = try await client.send(request)
    return (response.status, try JSONReader.parse(response.body))
  }

  /// Sends events and expects that they are taken.
  func emit(_ events: [JSON]) async throws {
    let request = HTTPRequest(
      method: "POST", url: "\(url)/v1/events", headers: ["Content-Type": "application/json"],
      body: JSON.array(events).bytes())
    let response = try await client.send(request)
    try #require(response.status == 202, "\(String(decoding: response.body, as: UTF8.self))")
  }

  /// Every job in these states, page by page.
  func jobs(_ states: String? = nil) async throws -> [JSON] {
    var jobs: [JSON] = []
    while true {
      let before = jobs.last?["id"].flatMap { "&before=\($0.string)" } ?? ""
      let page = try await get("/v1/jobs?limit=1000\(states.map { "&state=\($0)" } ?? "")\(before)")
      guard case .array(let found)? = page["jobs"], !found.isEmpty else { return jobs }
      jobs += found
    }
  }

  /// Reads until `isDone` says so. The test's time limit ends what never comes.
  func poll<Value>(_ read: () async throws -> Value, until isDone: (Value) -> Bool) async throws -> Value {
    while true {
      let value = try await read()
      if isDone(value) { return value }
      await Task.yield()
    }
  }

  /// Waits until as many jobs have ended, and returns all.
  func ended(_ count: Int) async throws -> [JSON] {
    try await poll({ try await jobs() }) { jobs in
      jobs.count { ["SUCCEEDED", "FAILED", "TIMED_OUT", "CANCELLED"].contains($0["state"]?.string) } >= count
    }
  }
}

extension JSON {
  /// The text of a string, and nothing for anything else.
  var string: String { if case .string(let text) = self { text } else { "" } }

  /// The number of an integer, and -1 for anything else.
  var integer: Int { if case .integer(let number) = self { Int(number) } else { -1 } }
}
