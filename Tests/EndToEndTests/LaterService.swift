import HTTPDriver
import TestProcesses
import WorkerKit

/// A service that takes its time, in a process of its own: it answers 202, and calls back when it is done.
///
/// `/later` calls back, `/never` does not, `/now` answers at once; `GET /seen` tells what was asked and what callbacks
/// were answered with.
struct LaterService {
  private let server: PythonServer
  private let client: HTTPClient

  init() async throws {
    server = try await .service(Self.handler)
    client = try HTTPClient()
  }

  var port: Int { server.port }

  /// The requests so far, oldest first.
  func seen() async throws -> [JSON] {
    let response = try await client.send(HTTPRequest(url: server.url("/seen")))
    guard case .array(let seen) = try JSONReader.parse(response.body) else { return [] }
    return seen
  }

  private static let handler = #"""
    import urllib.error, urllib.request
    seen = []
    def call_back(entry, output):
        body = json.dumps({"output": output}).encode()
        headers = {"Content-Type": "application/json", "Millrace-Callback-Token": entry["token"]}
        while True:
            request = urllib.request.Request(entry["url"], data=body, headers=headers)
            try:
                with urllib.request.urlopen(request) as answer: entry["answer"] = answer.status
                return
            except urllib.error.HTTPError as error:
                entry["answer"] = json.load(error)["code"]
                # The attempt that asked may not have been settled yet.
                if entry["answer"] != "callback_early": return
    class Handler(Base):
        def do_GET(self): self.answer(200, seen)
        def do_POST(self):
            sent = self.sent()
            entry = {"path": self.path, "sent": sent, "url": self.headers["Millrace-Callback-Url"],
                "token": self.headers["Millrace-Callback-Token"], "key": self.headers["Idempotency-Key"]}
            seen.append(entry)
            output = {"caption": "A picture of " + str(sent)}
            if self.path == "/now": return self.answer(200, output)
            self.answer(202, {"state": "queued"})
            if self.path == "/later": threading.Thread(target=call_back, args=(entry, output), daemon=True).start()
    """#
}
