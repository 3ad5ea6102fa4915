import Foundation
import Testing
import WorkerKit

@Suite("Workers in processes of their own", .serialized, .timeLimit(.minutes(5)))
struct WorkerTests {
  private static let serving = ["--pipelines", Uploads.pipelines, "--lease", "1", "--no-work"]

  /// 440 saves and 60 pictures: the pictures last, so that no worker has done everything before another wakes.
  private func emit(to server: RunningServer) async throws {
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    var events = (1...440).map { Uploads.saved("doc-\($0)", 1) }
    for number in 1...60 { events.insert(Uploads.uploaded("dusk.jpg", id: "picture-\(number)"), at: number * 7) }
    try await ServerAPI(server).emit(events)
  }

  /// The hosts that a job's attempts ran on, and how each ended.
  private func attempts(of job: JSON, on api: ServerAPI) async throws -> [(host: String, outcome: String)] {
    let id = job["id"]?.string ?? ""
    guard case .array(let history)? = try await api.get("/v1/jobs/\(id)")["history"] else { return [] }
    return history.map { ($0["host"]?.string ?? "", $0["outcome"]?.string ?? "") }
  }

  @Test("A server and two workers share a file: 500 jobs are each done once, and none by the server", .onEveryQueue)
  func share() async throws {
    let server = try await RunningServer(arguments: Self.serving)
    let arguments = ["--queues", "media,autosave"]
    let workers = [
      try RunningWorker(server.folder, arguments: arguments), try RunningWorker(server.folder, arguments: arguments),
    ]
    for worker in workers { _ = try await worker.hostProcess() }
    try await emit(to: server)
    let api = try ServerAPI(server)
    let jobs = try await api.ended(500)
    #expect(jobs.count == 500)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" && $0["attempts"] == 1 && $0["losses"] == 0 })
    var hosts: Set<String> = []
    for job in jobs {
      let attempts = try await attempts(of: job, on: api)
      #expect(attempts.map(\.outcome) == ["succeeded"])
      hosts.formUnion(attempts.map(\.host))
    }
    #expect(hosts.count == 2, "Both workers are to have had jobs.")
    #expect(try await api.get("/health/ready")["status"] != nil)
    for worker in workers { #expect(try await worker.stop() == 0, "\(worker.errorText)") }
    #expect(try await server.stop() == 0)
  }

  @Test(
    "A host that is killed is replaced, its jobs run again, and its death is noted; SIGTERM ends both with 0",
    .onEveryQueue)
  func replaces() async throws {
    let server = try await RunningServer(arguments: Self.serving)
    let worker = try RunningWorker(server.folder, arguments: ["--queues", "media,autosave", "--lease", "1"])
    let first = try await worker.hostProcess()
    try await emit(to: server)
    let api = try ServerAPI(server)
    _ = try await api.poll({ try await api.jobs("succeeded") }) { $0.contains { $0["stage"] == "thumbnails" } }
    kill(first, SIGKILL)
    let second = try await worker.hostProcess()
    #expect(second != first)
    let jobs = try await api.ended(500)
    #expect(jobs.count { $0["state"] == "SUCCEEDED" } == 500)
    #expect(jobs.contains { $0["losses"]?.integer ?? 0 > 0 }, "The kill is to have come in the middle.")

    let data = server.folder.appending(path: "data").path
    let shown = try await Command.run(["workers", "crashes", "--data", data, "--json"])
    guard case .array(let crashes)? = try JSONReader.parse(Array(shown.output.utf8))["crashes"] else {
      Issue.record("\(shown.output) \(shown.errors)")
      return
    }
    #expect(crashes.count == 1)
    #expect(crashes.first?["signal"] == "SIGKILL")
    #expect(crashes.first?["process"] == .integer(Int64(first)))
    #expect(crashes.first?["restarts"] == 0)
    #expect(crashes.first?["queues"] == "media,autosave")
    #expect(crashes.first?["peak_memory_bytes"]?.integer ?? 0 > 10 << 20)
    #expect(worker.errorText.contains("A worker host died."))

    #expect(try await worker.stop() == 0, "\(worker.errorText)")
    #expect(kill(second, 0) == -1, "The host is to have ended with its worker.")
    #expect(try await server.stop() == 0)
  }

  @Test("A host does not outlive the process that started it", .onEveryQueue)
  func dies() async throws {
    let server = try await RunningServer(arguments: Self.serving)
    let worker = try RunningWorker(server.folder, arguments: ["--queues", "media"])
    let host = try await worker.hostProcess()
    #expect(try await worker.stop(SIGKILL) == SIGKILL)
    while kill(host, 0) == 0, !isZombie(host), !Task.isCancelled { await Task.yield() }
    #expect(try await server.stop() == 0)
  }

  private func isZombie(_ process: Int32) -> Bool {
    let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return status?.split(separator: ")").last?.hasPrefix(" Z") == true
  }

  @Test("A worker without a store says what to do, and gives up where it is told to")
  func givesUp() async throws {
    let folder = try RunningServer.newFolder().path
    let result = try await Command.run(["worker", "--data", folder, "--queues", "media", "--give-up", "2"])
    #expect(result.status == 1)
    #expect(result.errors.contains("start millrace serve --data \(folder)"))
    #expect(result.errors.contains("2 worker hosts in a row died within a minute"))
  }

  @Test(
    "Isolated stages of every standard worker run in processes of their own, in a server as well", .onEveryQueue)
  func isolates() async throws {
    let pipelines = try RunningServer.newFolder()
    let wall = "    isolation: { process: true, memory: 1GiB, cpu: 30s, files: 128 }\n"
    let files = [
      "persist": (
        "DocumentSaved", "autosave.persist",
        "{ document: \"${event.resource.id}\", "
          + "revision: \"${event.payload.revision}\", content: \"${event.payload.content}\" }"
      ),
      "thumbnails": ("MediaUploaded", "media.thumbnails", "{ object: \"${event.payload.object_key}\", widths: [64] }"),
      "call": ("Called", "http.call", "{ url: \"http://127.0.0.1:9/\" }"),
    ]
    // What keeps its work in a database cannot do so from a process that is told no password.
    let refused = FolderDatabases.current == nil ? nil : "persist"
    for (name, (event, worker, options)) in files where name != refused {
      let text =
        "pipeline: \(name)\ntrigger: { event: \(event) }\nstages:\n  \(name):\n    uses: \(worker)\n\(wall)"
        + "    retry: { attempts: 1 }\n    with: \(options)\n"
      try Data(text.utf8).write(to: pipelines.appending(path: "\(name).yaml"))
    }
    let known = try await Command.run(["workers", "list", "--json"])
    guard case .array(let workers)? = try JSONReader.parse(Array(known.output.utf8))["workers"] else {
      Issue.record("\(known.output)")
      return
    }
    // A new worker has to be made in ChildWorkers as well, and tried here.
    #expect(workers.compactMap { $0["name"]?.string }.sorted() == files.values.map(\.1).sorted())

    let server = try await RunningServer(arguments: ["--pipelines", pipelines.path])
    let uploads = try Uploads(server)
    try uploads.put(try Uploads.picture("demo/dusk.jpg"), as: "dusk.jpg")
    let api = try ServerAPI(server)
    let saves = refused == nil ? 20 : 0
    var events = (0..<saves).map { Uploads.saved("doc", $0 + 1) }
    events += [Uploads.uploaded("dusk.jpg"), ["id": "call-1", "type": "Called", "tenant_id": "t1", "payload": [:]]]
    try await api.emit(events)
    let jobs = try await api.ended(saves + 2)
    for job in jobs where job["stage"] != "call" { #expect(job["state"] == "SUCCEEDED", "\(job)") }
    let called = try #require(jobs.first { $0["stage"] == "call" })
    #expect(called["failure"]?["code"] == "address_not_allowed", "\(called)")
    let history = try await api.answer("/v1/documents/doc/revisions?tenant_id=t1").body
    if case .array(let revisions)? = history["revisions"] { #expect(revisions.count == saves) }
    #expect(try await server.stop() == 0)
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(server.folder.path)/data/scratch")
    #expect(left.count <= 1 + workers.count, "Passing files of ended processes are to be few: \(left)")
  }
}
