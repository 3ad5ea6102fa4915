import Testing
import WorkerKit

/// A pipeline that calls a gated service: in one process over a data folder, or with a dispatcher and a worker beside
/// servers, whichever the test runs on.
struct ServedCalls {
  let service: GatedService
  let api: ServerAPI
  private let files: PipelineFiles
  private let server: RunningServer
  private let worker: RunningWorker?

  /// Starts the service, and what serves a pipeline whose stage has these lines beside its call.
  init(_ policy: String) async throws {
    service = try await GatedService()
    files = try PipelineFiles(["calls": Self.pipeline(service.port, policy)])
    let isOneProcess = FolderDatabases.current == nil
    let allowed = ["MILLRACE_HTTP_ALLOW": "localhost:\(service.port)"]
    server = try await RunningServer(
      folder: files.folder, command: isOneProcess ? "serve" : "dispatcher", arguments: files.arguments,
      variables: allowed)
    worker = isOneProcess ? nil : try RunningWorker(files.folder, arguments: [], variables: allowed)
    let api = try ServerAPI(server)
    _ = try await api.poll({ try await api.answer("/health/ready").status }) { $0 == 200 }
    self.api = api
  }

  /// Each tenant has a path of its own.
  private static func pipeline(_ port: Int, _ policy: String) -> String {
    """
    pipeline: calls
    trigger: { event: Called }
    stages:
      call:
        uses: http.call
        timeout: 10m
        \(policy)
        with: { url: "http://localhost:\(port)/${event.tenant_id}", body: {} }
    """
  }

  /// Edits the file of the pipeline that is served.
  func edit(_ policy: String) throws { try files.write(Self.pipeline(service.port, policy), to: "calls.yaml") }

  /// Sends as many events of a tenant.
  func emit(_ count: Int, of tenant: String, plan: String = "free") async throws {
    try await api.emit(
      (1...count).map { number in
        [
          "id": .string("\(tenant)-\(number)"), "type": "Called", "tenant_id": .string(tenant), "payload": [:],
          "context": ["plan": .string(plan)],
        ]
      })
  }

  /// Returns when so many jobs wait in the queue, and so many are leased.
  func stand(waiting: Int, leased: Int) async throws {
    _ = try await api.poll({ try await api.get("/v1/queues") }) { answer in
      guard case .array(let queues)? = answer["queues"] else { return false }
      let sum = { (name: String) in queues.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }
      return sum("waiting") == waiting && sum("leased") == leased
    }
  }

  /// Lets everything end, and checks that so many jobs succeeded with one call each.
  func end(_ count: Int) async throws {
    try await service.open()
    let jobs = try await api.ended(count)
    #expect(jobs.count == count)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
    let calls = try await service.calls(count)
    #expect(calls.count == count)
    #expect(Set(calls.map(\.key)).count == count)
    if let worker { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
    #expect(try await server.stop() == 0, "\(server.errorText)")
  }
}
