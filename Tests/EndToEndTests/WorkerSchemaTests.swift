import Foundation
import Testing
import WorkerKit

@Suite("Schemas of events, and workers in processes of their own", .timeLimit(.minutes(5)))
struct WorkerSchemaTests {
  let pipelines: URL

  init() throws {
    pipelines = try RunningServer.newFolder()
    try FileManager.default.createDirectory(at: pipelines.appending(path: "events"), withIntermediateDirectories: true)
    try write(
      """
      pipeline: autosave
      trigger: { event: DocumentSaved }
      stages:
        persist:
          uses: autosave.persist
          with: { document: "${event.resource.id}", revision: "${event.payload.revision}", content: a }
      emit:
        - { event: DocumentPersisted, after: [persist], payload: { revision: "${persist.revision}" } }
      """, to: "autosave.yaml")
    try write(
      #"{ "properties": { "revision": { "type": "integer", "maximum": 1 } } }"#,
      to: "events/DocumentPersisted.schema.json")
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: pipelines.appending(path: name))
  }

  @Test("What a worker's jobs emit is checked against the schemas beside the server's pipelines", .onEveryServerSet)
  func checks() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", pipelines.path, "--no-work"])
    let worker = try RunningWorker(server.folder, arguments: ["--queues", "autosave"])
    _ = try await worker.hostProcess()
    let api = try ServerAPI(server)
    try await api.emit([Uploads.saved("good", 1), Uploads.saved("bad", 2)])
    for job in try await api.ended(2) {
      let run = try await api.get("/v1/runs/\(job["run_id"]?.string ?? "")")
      guard case .array(let problems)? = run["problems"] else {
        Issue.record("\(run)")
        continue
      }
      let isBad = run["event_id"] == "bad-2"
      #expect(problems.count == (isBad ? 1 : 0), "\(run)")
      if isBad { #expect(problems.first?.string.hasPrefix("DocumentPersisted was not emitted: ") == true) }
    }
    let events = try await api.get("/v1/events?type=DocumentPersisted")
    guard case .array(let emitted)? = events["events"] else { return }
    #expect(emitted.count == 1, "\(events)")
    #expect(try await worker.stop() == 0, "\(worker.errorText)")
    #expect(try await server.stop() == 0)
  }

  @Test("A worker does not start over a bad schema, as a server does not")
  func refuses() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", pipelines.path, "--no-work"])
    try write("{", to: "events/DocumentPersisted.schema.json")
    let data = server.folder.appending(path: "data").path
    let result = try await Command.run(["worker", "--data", data, "--queues", "autosave", "--give-up", "1"])
    #expect(result.status == 1)
    #expect(result.errors.contains("DocumentPersisted.schema.json:1:2: error P051: "))
    #expect(try await server.stop() == 0)
  }
}
