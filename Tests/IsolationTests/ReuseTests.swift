import Foundation
import IsolationDriver
import Testing
import WorkerKit

@Suite("A process for jobs", .timeLimit(.minutes(5)))
struct ReuseTests {
  @Test("does one job after another, up to its share")
  func reuses() async throws {
    try await Apart.with(jobsPerChild: 3) { apart async throws in
      var processes: [String] = []
      for _ in 0..<6 { processes.append(try await apart.ask("process")) }
      #expect(Set(processes[..<3]).count == 1)
      #expect(Set(processes[3...]).count == 1)
      #expect(Set(processes).count == 2)
    }
  }

  @Test("does one job at a time")
  func isAlone() async throws {
    try await Apart.with(width: 2) { apart async throws in
      let processes = try await withThrowingTaskGroup(of: String.self) { group in
        let program = apart.program
        for _ in 0..<12 {
          group.addTask {
            let output = try await program.run(Apart.work("process"), within: .standard)
            return output.json.text()
          }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(processes.count <= 2)
    }
  }

  @Test("is replaced after a job that failed")
  func replacesFailed() async throws {
    try await Apart.with { apart async throws in
      let first = try await apart.ask("process")
      _ = try await apart.failure("fail")
      #expect(try await apart.ask("process") != first)
    }
  }

  @Test("is replaced when its memory has grown")
  func replacesGrown() async throws {
    try await Apart.with { apart async throws in
      let policy = IsolationPolicy(memoryBytes: 1 << 30)
      let first = try await apart.ask("process", within: policy)
      #expect(try await apart.ask("grow", "1", within: policy) == first)
      #expect(try await apart.ask("grow", "200", within: policy) == first)
      #expect(try await apart.ask("process", within: policy) != first)
    }
  }

  @Test("is of no use for a job with other walls")
  func separatesWalls() async throws {
    try await Apart.with { apart async throws in
      var processes: Set<String> = []
      for files in 40..<60 {
        processes.insert(try await apart.ask("process", within: IsolationPolicy(openFiles: files)))
      }
      #expect(processes.count == 20)
      #expect(try await apart.ask("process", within: IsolationPolicy(openFiles: 59)) != "")
    }
  }
}

@Suite("What a job in a process of its own sees", .timeLimit(.minutes(5)))
struct SurroundingsTests {
  @Test("is the context that it would have in the host")
  func context() async throws {
    try await Apart.with { apart async throws in
      #expect(try await apart.ask("context") == "job-1 run-1 acme bad step 2 3 4 holder-5")
    }
  }

  @Test("is the environment that was listed, and nothing of the host's")
  func environment() async throws {
    try await Apart.with { apart async throws in
      let lines = try await apart.ask("environment").split(separator: "\n")
      let names = lines.map { String($0.prefix { $0 != "=" }) }
      #expect(names == ["LANG", "LISTED", "MALLOC_ARENA_MAX", "PATH", "SWIFT_BACKTRACE", "TMPDIR"])
    }
  }

  @Test("is no descriptor of the host's")
  func descriptors() async throws {
    let held = try #require(FileHandle(forReadingAtPath: "/proc/self/exe"))
    defer { try? held.close() }
    try await Apart.with { apart async throws in
      let open = try await apart.ask("descriptors").split(separator: " ")
      // The pipe on which the process answers is its own.
      #expect(open.count == 1, "\(open)")
    }
  }

  @Test("is a folder of its own, which is gone afterwards, whatever becomes of the job")
  func folder() async throws {
    try await Apart.with { apart async throws in
      let folder = try await apart.ask("folder")
      #expect(folder.hasPrefix("\(apart.root.path)/job-1-4-"))
      #expect(!FileManager.default.fileExists(atPath: folder))
      _ = try await apart.failure("write and crash")
      #expect(try FileManager.default.contentsOfDirectory(atPath: apart.root.path) == [])
    }
  }

  @Test("what it logs reaches the host's log with the job's fields")
  func logs() async throws {
    try await Apart.with { apart async throws in
      _ = try await apart.ask("log", "a/b")
      let line = try #require(apart.lines.all.first)
      #expect(line["message"] == "A worker says something.")
      #expect(line["path"] == "a/b")
      #expect(line["job_id"] == "job-1")
      #expect(line["request_id"] == "request-6")
    }
  }

  @Test("a flood in the log is cut, and counted")
  func floods() async throws {
    try await Apart.with { apart async throws in
      _ = try await apart.ask("flood the log")
      #expect(apart.lines.all.count == 501)
      #expect(apart.lines.all.last?["count"] == "1500")
    }
  }

  @Test("what it prints is no answer")
  func prints() async throws {
    try await Apart.with { apart async throws in
      #expect(try await apart.ask("print", "some words") == "some words")
      try await apart.expectGoesOn()
    }
  }

  @Test("its output, artifacts and failures arrive as they are")
  func results() async throws {
    try await Apart.with { apart async throws in
      let output = try await apart.program.run(Apart.work("artifact"), within: .standard)
      #expect(output.json == ["answer": "artifact"])
      #expect(output.artifacts == [Artifact(key: "a/b", contentType: "text/plain", bytes: 3, sha256: "00")])
      let failure = try await apart.failure("fail", "x")
      #expect(
        failure
          == Failure(.transient, "unwell", "Not now.", fields: ["seen": "x"], retryAfter: .seconds(7)))
      #expect(try await apart.failure("throw").code == "unclassified")
      await #expect(throws: CancellationError.self) {
        try await apart.program.run(Apart.work("cancel"), within: .standard)
      }
    }
  }

  @Test("a worker that is not there is a failure that may pass")
  func unknown() async throws {
    try await Apart.with { apart async throws in
      let known = Apart.work("hello")
      let work = IsolatedWork(
        worker: "test.unknown", input: [:], job: known.job, run: known.run, tenant: known.tenant,
        pipeline: known.pipeline, stage: known.stage, attempt: 1, authority: known.authority, logFields: [:],
        deadline: known.deadline)
      let failure = try await #require(throws: Failure.self) { try await apart.program.run(work, within: .standard) }
      #expect(failure.code == "worker_not_here")
      #expect(failure.kind == .transient)
    }
  }
}
