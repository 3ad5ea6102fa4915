public import Foundation
import TestProcesses
public import WorkerKit

/// An OTLP collector in a process of its own, on the loopback address. It keeps the bodies that it takes in a folder
/// and checks their shape; it can be killed and started again on the same port.
public final class Collector: Sendable {
  public let folder: URL
  private let server: PythonServer

  /// Starts one, on any free port or on the one it had; `answers` are the statuses of its first answers.
  public init(port: Int = 0, folder: URL? = nil, answers: [String] = []) async throws {
    self.folder = try folder ?? Self.newFolder()
    server = try await PythonServer(Self.script, [String(port), self.folder.path] + answers)
  }

  /// A new folder in the temporary one.
  public static func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "collector-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  public var port: Int { server.port }

  public var url: String { server.url("") }

  /// Kills it and returns when it is gone.
  public func kill() async throws {
    _ = try await server.program.stop(SIGKILL)
  }

  /// The spans that were taken, in the order of their arrival.
  /// - Throws: What is wrong with a body that is not what OTLP has.
  public func spans() throws -> [JSON] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    if let wrong = names.first(where: { $0.hasSuffix(".wrong") }) {
      throw CollectorProblem(text: try String(contentsOf: folder.appending(path: wrong), encoding: .utf8))
    }
    return try names.filter { $0.hasSuffix(".json") }.flatMap { name in
      let body = try JSONReader.parse(Array(Data(contentsOf: folder.appending(path: name))))
      guard case .array(let spans)? = body["resourceSpans"]?[0]?["scopeSpans"]?[0]?["spans"] else {
        throw CollectorProblem(text: "A body has no spans.")
      }
      return spans
    }
  }

  private static let script = #"""
    import glob, json, os, re, sys, threading
    from http.server import BaseHTTPRequestHandler, HTTPServer
    port, folder, answers = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    def check(body, headers):
        assert headers["Content-Type"] == "application/json", headers["Content-Type"]
        assert set(body) == {"resourceSpans"}, list(body)
        for resource in body["resourceSpans"]:
            keys = {a["key"] for a in resource["resource"]["attributes"]}
            assert {"service.name", "service.version", "telemetry.sdk.language"} <= keys, keys
            for scope in resource["scopeSpans"]:
                assert scope["scope"]["name"]
                for span in scope["spans"]: check_span(span)
    known = {"traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind", "startTimeUnixNano",
        "endTimeUnixNano", "attributes", "events", "links", "status", "droppedAttributesCount", "droppedEventsCount",
        "droppedLinksCount"}
    def hexadecimal(text, digits): assert re.fullmatch("[0-9a-f]{%d}" % digits, text) and int(text, 16), text
    def check_span(span):
        assert set(span) <= known, set(span) - known
        hexadecimal(span["traceId"], 32)
        hexadecimal(span["spanId"], 16)
        if "parentSpanId" in span: hexadecimal(span["parentSpanId"], 16)
        assert span["name"] and span["kind"] in (1, 2, 3, 4, 5), span
        for key in ("startTimeUnixNano", "endTimeUnixNano"): assert re.fullmatch(r"\d+", span[key]), span[key]
        assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]), span
        check_attributes(span["attributes"])
        for event in span.get("events", []):
            assert isinstance(event["timeUnixNano"], str) and event["name"]
            check_attributes(event["attributes"])
        for link in span.get("links", []):
            hexadecimal(link["traceId"], 32)
            hexadecimal(link["spanId"], 16)
        assert span.get("status", {}).get("code", 0) in (0, 1, 2)
    def check_attributes(attributes):
        names = [a["key"] for a in attributes]
        assert len(set(names)) == len(names), names
        for attribute in attributes:
            assert set(attribute) == {"key", "value"} and len(attribute["value"]) == 1, attribute
            (kind, value), = attribute["value"].items()
            if kind == "intValue": assert isinstance(value, str) and int(value) is not None
            else: assert kind in ("stringValue", "boolValue", "doubleValue", "arrayValue"), kind
    count = len(glob.glob(folder + "/*"))
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *ignored): pass
        def do_POST(self):
            global count
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            answer = answers.pop(0) if answers else "200"
            status, _, extra = answer.partition(",")
            if status == "200":
                count += 1
                name = f"{folder}/{count:06}"
                try:
                    assert self.path == "/v1/traces", self.path
                    check(json.loads(sent), self.headers)
                except Exception as error: open(name + ".wrong", "w").write(repr(error))
                with open(name + ".part", "wb") as file: file.write(sent)
                os.rename(name + ".part", name + ".json")
                open(folder + "/headers", "w").write(str(self.headers))
            body = b"{}"
            if status == "200" and extra: body = b'{"partialSuccess":{"rejectedSpans":"%d"}}' % int(extra)
            self.send_response(int(status))
            if status != "200" and extra: self.send_header("Retry-After", extra)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    HTTPServer.allow_reuse_address = True
    server = HTTPServer(("127.0.0.1", port), Handler)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
    """#
}

/// What is wrong with a collector, or with what it was sent.
struct CollectorProblem: Error {
  let text: String
}
