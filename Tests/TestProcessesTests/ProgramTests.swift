import Foundation
import TestProcesses
import Testing

@Suite("Programs beside a test", .timeLimit(.minutes(5)))
struct ProgramTests {
  @Test("One that has ended leaves its status and all that it wrote, more than a pipe holds")
  func runs() async throws {
    let input = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })
    let result = try await Program("sh", ["-c", "cat; echo \"$WHY\" >&2; exit 3"], environment: ["WHY": "so"])
      .run(input: input)
    #expect(result.status == 3 && result.bytes == input && result.errors == "so\n")
  }

  @Test("One that cannot be started is an error")
  func refuses() async { await #expect(throws: (any Error).self) { try await Program("/nowhere/program").run() } }

  @Test("One that is late is killed, with what it started, and the error names it")
  func isLate() async throws {
    let announcement = Announcement()
    let script = "(echo $$ > \(announcement.path); exec tail -f /dev/null) & wait"
    async let process = announcement.process()
    await #expect(throws: ProgramProblem.late(program: "/bin/sh -c \(script)", seconds: 3)) {
      try await Program("/bin/sh", ["-c", script]).run(deadline: 3)
    }
    let shell = try #require(await process)
    while kill(-shell, 0) == 0, !Task.isCancelled { await Task.yield() }
    #expect(kill(-shell, 0) == -1 && errno == ESRCH)
  }

  @Test("One that runs talks in lines, and its end is told as often as it is asked for")
  func talks() async throws {
    let script = "read word; echo \"$word 1\"; echo 2; read word; exit 4"
    let program = try RunningProgram(Program("/bin/sh", ["-c", script]))
    try program.write(Data("a\n".utf8))
    #expect(try await program.line() == "a 1")
    #expect(try await program.line() == "2")
    try program.closeInput()
    #expect(try await program.end() == 4)
    #expect(try await program.stop(SIGTERM) == 4)
    let ended = ProgramProblem.unexpected(program: "/bin/sh -c \(script)", said: "")
    await #expect(throws: ended) { try await program.line() }
  }

  @Test("One that says nothing and does not end is killed too")
  func isSilent() async throws {
    let program = try RunningProgram(Program("/bin/cat"))
    await #expect(throws: ProgramProblem.late(program: "/bin/cat", seconds: 1)) { try await program.line(deadline: 1) }
    #expect(try await program.end() == SIGKILL)
    let other = try RunningProgram(Program("/bin/cat"))
    await #expect(throws: ProgramProblem.late(program: "/bin/cat", seconds: 1)) { try await other.end(deadline: 1) }
  }

  @Test("None that starts beside another keeps that one's end from being seen")
  func startsBesideOthers() async throws {
    try await withThrowingTaskGroup(of: RunningProgram.self) { group in
      for _ in 0..<200 {
        group.addTask {
          let lasting = try RunningProgram(Program("/bin/cat"))
          try await #require(Program("/bin/true").run(deadline: 60).status == 0)
          let brief = try RunningProgram(Program("/bin/cat"))
          try brief.closeInput()
          #expect(try await brief.end(deadline: 60) == 0)
          return lasting
        }
      }
      for try await lasting in group { #expect(try await lasting.stop(SIGKILL) == SIGKILL) }
    }
  }
}
