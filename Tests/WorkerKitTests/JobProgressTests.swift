import Testing
import WorkerKit

@Suite("Progress and ordering of jobs as they are kept", .timeLimit(.minutes(5)))
struct JobProgressTests {
  @Test("a newer report replaces what it says, and its log is added")
  func reports() {
    let first = JobProgress(fraction: 0.5, message: "half", log: "a\n")
    let second = first.followed(by: JobProgress(message: "more", log: "b\n"))
    #expect(second == JobProgress(fraction: 0.5, message: "more", log: "a\nb\n"))
  }

  @Test("fractions stay between 0 and 1")
  func fractions() {
    #expect(JobProgress(fraction: -1).fraction == 0)
    #expect(JobProgress(fraction: 7).fraction == 1)
    #expect(JobProgress(fraction: .nan).fraction == 0)
  }

  @Test("of a long log the last 64 KiB stay, from the start of a line")
  func logs() {
    let line = String(repeating: "é", count: 49) + "\n"
    let log = JobProgress(log: String(repeating: line, count: 2000)).log
    #expect(log.utf8.count <= JobProgress.logBytes)
    #expect(log.utf8.count > JobProgress.logBytes - 200)
    #expect(log.hasPrefix("é") && log.hasSuffix(line))
    #expect(log.split(separator: "\n").allSatisfy { $0.count == 49 })
  }

  @Test("progress comes back as it was")
  func keepsProgress() throws {
    for progress in [JobProgress(), JobProgress(fraction: 1, message: "done", log: "x\n"), JobProgress(fraction: 0.25)]
    {
      #expect(JobProgress(json: try JSONReader.parse(progress.json.bytes())) == progress)
    }
  }

  @Test("an ordering comes back as it was")
  func keepsOrdering() throws {
    let orderings = [
      JobOrdering(), JobOrdering(serial: .init(key: "a", onDead: .block)), JobOrdering(execution: "e"),
      JobOrdering(
        serial: .init(key: "a"),
        window: .init(key: "b", quiet: .milliseconds(50), maxWait: .seconds(5), value: .string("v")), execution: "c"),
    ]
    for ordering in orderings {
      #expect(JobOrdering(json: try JSONReader.parse(ordering.json.bytes())) == ordering)
    }
    #expect(JobOrdering(json: ["serial": ["key": "a"]]) == nil)
  }
}
