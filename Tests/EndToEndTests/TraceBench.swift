import Foundation
import HTTPDriver
import TestCollector
import Testing
import WorkerKit

/// Two pipelines of which one causes the other, a service that is unwell twice, and a collector.
struct TraceBench {
  let service: FailingService
  private let files: PipelineFiles
  /// The data folder.
  var folder: URL { files.folder }
  /// The trace that the tests' caller is in.
  static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  static let caller = "00f067aa0ba902b7"

  init() async throws {
    service = try await FailingService()
    let call = """
      uses: http.call
          retry: { attempts: 5, backoff: { initial: 1ms, max: 5ms } }
          with: { url: "http://localhost:\(service.port)/", body: { object: a } }
      """
    let first = """
      pipeline: first
      trigger: { event: Started }
      stages:
        fetch:
          \(call)
        store:
          needs: [fetch]
          \(call)
      emit:
        - { event: Finished, after: [store], payload: {} }
      """
    let second = """
      pipeline: second
      trigger: { event: Finished }
      stages:
        tell:
          \(call)
      """
    files = try PipelineFiles(["first": first, "second": second])
  }

  /// Starts a server that sends its spans to `port`; nil to send none.
  func serve(collector port: Int?) async throws -> RunningServer {
    var variables = ["MILLRACE_HTTP_ALLOW": "localhost:\(service.port)"]
    if let port { variables["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(port)" }
    return try await RunningServer(
      folder: files.folder, arguments: files.arguments, variables: variables)
  }

  /// Sends an event as a caller that is in a trace.
  func emit(_ event: JSON, to server: RunningServer, traceParent: String?) async throws {
    var request = HTTPRequest(
      method: "POST", url: "\(server.url)/v1/events", headers: ["Content-Type": "application/json"],
      body: event.bytes())
    request.headers["traceparent"] = traceParent
    let response = try await HTTPClient().send(request)
    try #require(response.status == 202)
  }

  static func event(_ id: String) -> JSON {
    [
      "id": .string(id), "type": "Started", "tenant_id": "acme", "correlation_id": "c1", "payload": [:],
      "context": [
        "request_id": "r1", "user_id": "u1", "workspace_id": "w1", "document_id": "d1", "revision_id": "v1",
      ],
    ]
  }

  /// Everything that waits for the collector.
  var spooled: [JSON] {
    let spans = folder.appending(path: "data/spans")
    // Beside servers, each process has a folder of its own there.
    let names = (FileManager.default.subpaths(atPath: spans.path) ?? []).sorted()
    return names.filter { $0.hasSuffix(".json") }.flatMap { name -> [JSON] in
      let body = (try? Data(contentsOf: spans.appending(path: name))).flatMap { try? JSONReader.parse(Array($0)) }
      guard case .array(let found)? = body?["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"] else { return [] }
      return found
    }
  }
}

/// Spans by their names, for questions about who is under whom.
struct SpanTree {
  let spans: [JSON]

  /// The spans of a name, in the order of their beginning.
  func all(_ name: String) -> [JSON] {
    spans.filter { $0["name"]?.string == name }.sorted {
      ($0["startTimeUnixNano"]?.string ?? "") < ($1["startTimeUnixNano"]?.string ?? "")
    }
  }

  /// The one span of a name.
  func one(_ name: String) throws -> JSON {
    let found = all(name)
    try #require(found.count == 1, "\(found.count) spans are called \(name).")
    return found[0]
  }

  /// The id of the one span of a name.
  func id(_ name: String) throws -> JSON { try #require(try one(name)["spanId"]) }
}

extension JSON {
  /// An attribute of a span.
  func attribute(_ name: String) -> JSON? {
    guard case .array(let attributes)? = self["attributes"] else { return nil }
    let value = attributes.first { $0["key"]?.string == name }?["value"]
    guard case .object(let members)? = value else { return nil }
    return members.values.first
  }

  /// The ids of the spans that a span has links to.
  var linked: [JSON] {
    guard case .array(let links)? = self["links"] else { return [] }
    return links.compactMap { $0["spanId"] }
  }
}
