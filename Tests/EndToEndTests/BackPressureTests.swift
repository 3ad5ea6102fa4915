import Foundation
import HTTPDriver
import Testing
import WorkerKit

/// More events than there is room for.
@Suite("A server to which too much comes", .timeLimit(.minutes(5)), .onEveryServerSet)
struct BackPressureTests {
  /// Two stages in one queue, so that what follows goes into a queue that is full.
  private static func pipeline(_ port: Int) -> String {
    """
    pipeline: calls
    trigger: { event: Called }
    defaults: { queue: calls, timeout: 10m }
    stages:
      first:
        uses: http.call
        with: { url: "http://localhost:\(port)/first", body: {} }
      second:
        uses: http.call
        needs: [first]
        with: { url: "http://localhost:\(port)/second", body: {} }
    """
  }

  private static func event(_ number: Int) -> JSON {
    ["id": .string("call-\(number)"), "type": "Called", "tenant_id": "acme", "payload": [:]]
  }

  private static func post(_ number: Int, to server: RunningServer, by client: HTTPClient) async throws -> HTTPResponse
  {
    try await client.send(
      HTTPRequest(
        method: "POST", url: server.url + "/v1/events", headers: ["Content-Type": "application/json"],
        body: event(number).bytes()))
  }

  /// Sends events one by one until the server takes no more; gives the refused one's number, and the answer.
  private static func fill(_ server: RunningServer, by client: HTTPClient) async throws -> (Int, HTTPResponse) {
    var number = 0
    while true {
      let answer = try await post(number, to: server, by: client)
      guard answer.status == 202 else { return (number, answer) }
      number += 1
    }
  }

  private func serve(_ service: GatedService) async throws -> RunningServer {
    let folder = try RunningServer.newFolder()
    let files = try PipelineFiles(in: folder, ["calls": Self.pipeline(service.port)])
    return try await RunningServer(
      folder: folder, arguments: files.arguments + ["--high-water", "20"],
      variables: ["MILLRACE_HTTP_ALLOW": "localhost:\(service.port)", "MILLRACE_HIGH_WATER_EVENTS": "30"])
  }

  @Test("takes no more events, settles what runs, says why, and does everything once when it can")
  func holdsBack() async throws {
    let (service, client) = (try await GatedService(), try HTTPClient())
    let server = try await serve(service)
    let api = try ServerAPI(server)
    let (refused, answer) = try await Self.fill(server, by: client)
    #expect(answer.status == 429)
    let seconds = answer.headers["Retry-After"].flatMap { Int($0) }
    #expect(seconds.map { $0 > 0 } == true)
    let problem = try JSONReader.parse(answer.body)
    #expect(problem["code"] == "too_many_events")
    #expect(problem["full_queues"] == ["calls"])
    #expect(try await api.answer("/v1/events/call-\(refused)?tenant_id=acme").status == 404)

    let health = try await api.answer("/health/ready")
    #expect(health.status == 200)
    #expect(health.body.text().contains("Nothing is routed while queue calls is full"))
    let metrics = try await client.send(HTTPRequest(url: server.url + "/metrics"))
    let text = String(decoding: metrics.body, as: UTF8.self)
    for line in [#"millrace_queue_full{queue="calls"} 1"#, "millrace_routing_held 1", "millrace_intake_held 1"] {
      #expect(text.contains(line + "\n"), "\(text)")
    }
    #expect(server.errorText.contains("A queue is full; nothing is routed until it has drained a little."))

    // What runs is settled though the queue is full, and what follows joins those that wait in it.
    try await service.answer(3)
    _ = try await api.poll({ try await api.jobs("succeeded") }) { $0.count >= 3 }

    try await service.open()
    let last = refused + 100
    for number in refused..<last {
      _ = try await api.poll({ try await Self.post(number, to: server, by: client).status }) { $0 == 202 }
    }
    let jobs = try await api.ended(2 * last)
    #expect(jobs.count == 2 * last)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
    let calls = try await service.calls()
    #expect(calls.count == 2 * last)
    #expect(Set(calls.map(\.key)).count == 2 * last)
    let calm = try await api.poll({ try await api.answer("/health/ready") }) { !$0.body.text().contains("degraded") }
    #expect(calm.status == 200)
    #expect(try await server.stop() == 0, "\(server.errorText)")
  }

  @Test("says at the start what marks it does not take", arguments: ["0", "-1"])
  func refusesMarks(mark: String) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "unused-\(UUID().uuidString)").path
    for option in ["--high-water", "--high-water-events"] {
      let result = try await Command.run(["serve", "--data", folder, "\(option)=\(mark)"])
      #expect(result.status == 2)
      #expect(result.errors.contains("\(option) is at least 1."), "\(result.errors)")
    }
    for name in ["MILLRACE_HIGH_WATER", "MILLRACE_HIGH_WATER_EVENTS"] {
      let result = try await Command.run(["serve", "--data", folder], variables: [name: mark])
      #expect(result.status == 2)
      #expect(result.errors.contains("\(name): '\(mark)' is not a whole number from 1 up."), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder))
  }
}
