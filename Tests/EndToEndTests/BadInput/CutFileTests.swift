import Foundation
import Testing
import WorkerKit

/// Files that lost their ends: a disk that lied, a copy that was made while a server was at work.
@Suite("Database files that were cut", .timeLimit(.minutes(5)))
struct CutFileTests {
  private func saved(_ number: Int) -> JSON {
    [
      "id": .string("e\(number)"), "type": "DocumentSaved", "tenant_id": "t1",
      "resource": ["kind": "document", "id": .string("d\(number)")],
      "payload": ["revision": 1, "content": .string("Content \(number)")],
    ]
  }

  /// A folder with what a killed server left; `cut` says how much of its log stays.
  private func copy(_ data: URL, cut: (Int) -> Int) throws -> URL {
    let folder = try RunningServer.newFolder()
    let copied = folder.appending(path: "data")
    try FileManager.default.createDirectory(at: copied, withIntermediateDirectories: true)
    let log = try Data(contentsOf: data.appending(path: "millrace.db-wal"))
    try FileManager.default.copyItem(
      at: data.appending(path: "millrace.db"), to: copied.appending(path: "millrace.db"))
    try log.prefix(cut(log.count)).write(to: copied.appending(path: "millrace.db-wal"))
    return folder
  }

  @Test("Whatever is left of a killed server's log, the rest is whole: the first events, each with its job")
  func cutsLog() async throws {
    let count = 60
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    for number in 0..<count { try await api.emit([saved(number)]) }
    #expect(try await server.stop(SIGKILL) == SIGKILL)
    let data = server.folder.appending(path: "data")
    var random = SystemRandomNumberGenerator()
    var cuts: [Double] = (0..<6).map { _ in Double.random(in: 0...1, using: &random) }
    cuts = [0] + cuts.sorted() + [1]
    print("cut logs: \(cuts)")
    var before = 0
    for cut in cuts {
      let folder = try copy(data) { Int(Double($0) * cut) }
      // An empty log leaves the file as it was when the pipelines were not yet active.
      let again = try await RunningServer(folder: folder, arguments: ["--pipelines", Uploads.pipelines])
      let numbers = try await kept(again)
      try #require(numbers == Array(0..<numbers.count), "\(cut): what was acknowledged earlier is there if anything is")
      #expect(numbers.count >= before, "\(cut)")
      before = numbers.count
      let api = try ServerAPI(again)
      try await api.emit([saved(count)])
      let jobs = try await api.ended(numbers.count + 1)
      #expect(jobs.count == numbers.count + 1 && jobs.allSatisfy { $0["state"] == "SUCCEEDED" }, "\(cut)")
      #expect(try await api.get("/health/ready")["status"] == "ready")
      #expect(try await again.stop() == 0)
    }
    #expect(before == count, "A whole log loses nothing.")
  }

  /// The numbers of the events that a server has.
  private func kept(_ server: RunningServer) async throws -> [Int] {
    guard
      case .array(let events)? = try await ServerAPI(server).get("/v1/events?type=DocumentSaved&limit=1000")["events"]
    else {
      return [-1]
    }
    return events.map { Int($0["id"]?.string.dropFirst() ?? "") ?? -1 }.sorted()
  }

  @Test("A database that was cut is damaged, and is left as it is", arguments: [0.02, 0.3, 0.7, 0.99])
  func cutsFile(share: Double) async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    try await api.emit((0..<50).map(saved))
    _ = try await api.ended(50)
    #expect(try await server.stop() == 0)
    let data = server.folder.appending(path: "data")
    let database = data.appending(path: "millrace.db")
    let whole = try Data(contentsOf: database)
    let rest = whole.prefix(Int(Double(whole.count) * share))
    try rest.write(to: database)
    let result = try await Command.run(["serve", "--data", data.path, "--listen", "127.0.0.1:0"])
    #expect(result.status == 1)
    #expect(result.errors.contains("cannot open the data folder \(data.path): "), "\(result.errors)")
    #expect(result.errors.contains("damaged; restore it from a backup"), "\(result.errors)")
    #expect(try Data(contentsOf: database) == rest)
    try whole.write(to: database)
    let again = try await RunningServer(folder: server.folder)
    #expect(try await again.stop() == 0)
  }
}
