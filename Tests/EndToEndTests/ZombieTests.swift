import Foundation
import Testing
import WorkerKit

/// Hosts that a machine suspends past their leases, and that go on as if nothing had been.
@Suite("A host that was stopped and goes on", .serialized, .timeLimit(.minutes(5)), .onEveryQueue)
struct ZombieTests {
  private static let arguments = ["--queues", "default", "--lease", "2"]
  private static let event: JSON = ["id": "e1", "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]]

  private func serve(calling port: Int) async throws -> (RunningServer, ServerAPI) {
    let text = """
      pipeline: captions
      trigger: { event: MediaUploaded }
      stages:
        caption:
          uses: http.call
          timeout: 10m
          with: { url: "http://localhost:\(port)/captions", body: {} }
      """
    let server = try await RunningServer.captioning(text, allowing: "localhost:\(port)", ["--no-work"])
    return (server, try ServerAPI(server))
  }

  private func worker(_ server: RunningServer, calling port: Int) throws -> RunningWorker {
    try RunningWorker(
      server.folder, arguments: Self.arguments, variables: ["MILLRACE_HTTP_ALLOW": "localhost:\(port)"])
  }

  @Test("cuts its work short, since another has it by now")
  func stopsItself() async throws {
    let service = try await SilentService()
    let (server, api) = try await serve(calling: service.port)
    let first = try worker(server, calling: service.port)
    let host = try await first.hostProcess()
    try await api.emit([Self.event])
    #expect(try await service.next() == "called")
    #expect(kill(host, SIGSTOP) == 0)
    let second = try worker(server, calling: service.port)
    #expect(try await service.next() == "called", "Another host has it as soon as the lease is over.")
    #expect(kill(host, SIGCONT) == 0)
    #expect(try await service.next() == "closed", "Its own call is over, and only that.")

    let job = try #require(try await api.jobs("running").first)
    #expect(job["losses"] == 1 && job["attempts"] == 0)
    let run = job["run_id"]?.string ?? ""
    let cancel = try await server.command(["runs", "cancel", run, "--by", "ada", "--reason", "Enough."])
    #expect(cancel.status == 0, "\(cancel.errors)")
    #expect(try await service.next() == "closed")
    for worker in [first, second] { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
    #expect(try await server.stop() == 0)
  }

  @Test("is not believed, though its work was answered, and does other work afterwards")
  func isRefused() async throws {
    let service = try await GatedService()
    let (server, api) = try await serve(calling: service.port)
    let first = try worker(server, calling: service.port)
    let host = try await first.hostProcess()
    try await api.emit([Self.event])
    _ = try await service.calls(1)
    #expect(kill(host, SIGSTOP) == 0)
    let second = try worker(server, calling: service.port)
    let calls = try await service.calls(2)
    #expect(Set(calls.map(\.key)).count == 1, "The service can tell that it is the same work.")
    try await service.answer(2)
    let ended = try #require(try await api.ended(1).first)
    let path = "/v1/jobs/\(ended["id"]?.string ?? "")"
    let job = try await api.get(path)
    #expect(job["state"] == "SUCCEEDED" && job["attempts"] == 1 && job["losses"] == 1)

    #expect(kill(host, SIGCONT) == 0)
    #expect(try await second.stop() == 0, "\(second.errorText)")
    try await api.emit([["id": "e2", "type": "MediaUploaded", "tenant_id": "acme", "payload": [:]]])
    _ = try await service.calls(3)
    try await service.answer(1)
    _ = try await api.ended(2)
    #expect(try await first.stop() == 0, "\(first.errorText)")
    #expect(try await api.get(path) == job, "Nothing of it was written.")
    #expect(try await server.stop() == 0)
  }
}
