import Foundation
import IsolationDriver
import TestProcesses
import Testing
import WorkerKit

@Suite("A job that harms its process", .timeLimit(.minutes(5)))
struct DeathTests {
  @Test("a segmentation fault is a crash with the signal's name and the peak of memory")
  func segfault() async throws {
    try await Apart.with { apart async throws in
      let failure = try await apart.failure("segfault")
      #expect(failure.kind == .crash)
      #expect(failure.code == "isolation_died")
      #expect(failure.fields["signal"] == "SIGSEGV")
      #expect(failure.fields["cpu_seconds"] != nil)
      try await apart.expectGoesOn()
    }
  }

  @Test("an exit is a crash with its code")
  func exits() async throws {
    try await Apart.with { apart async throws in
      let failure = try await apart.failure("exit", "3")
      #expect(failure.kind == .crash)
      #expect(failure.code == "isolation_exited")
      #expect(failure.fields["exit_status"] == "3")
      try await apart.expectGoesOn()
    }
  }

  @Test("memory without end stops at the wall, and is told apart")
  func allocates() async throws {
    try await Apart.with { apart async throws in
      let failure = try await apart.failure("allocate", within: IsolationPolicy(memoryBytes: 512 << 20))
      #expect(failure.kind == .crash)
      #expect(failure.code == "isolation_memory_limit", "\(failure)")
      #expect(failure.fields["limit"] == "536870912")
      let peak = try #require(failure.fields["peak_memory_bytes"].flatMap { Int($0) })
      #expect(peak > 100 << 20)
      #expect(peak <= 512 << 20)
      try await apart.expectGoesOn()
    }
  }

  @Test("processor time without end stops at the wall, and the next job has its own")
  func spins() async throws {
    try await Apart.with { apart async throws in
      let policy = IsolationPolicy(cpuSeconds: 1)
      let failure = try await apart.failure("spin", within: policy)
      #expect(failure.kind == .crash)
      #expect(failure.code == "isolation_cpu_limit")
      #expect(failure.fields["signal"] == "SIGXCPU")
      #expect(try await apart.ask("hello", within: policy) == "hello")
    }
  }

  @Test("a file without end stops at the wall, in the job's own sight")
  func writes() async throws {
    try await Apart.with { apart async throws in
      let answer = try await apart.ask("write a huge file", within: IsolationPolicy(fileBytes: 8 << 20))
      #expect(answer == "refused after 8388608")
    }
  }

  @Test("open files stop at the wall, in the job's own sight")
  func opens() async throws {
    try await Apart.with { apart async throws in
      let answer = try await apart.ask("open files", within: IsolationPolicy(openFiles: 40))
      let count = try #require(Int(answer.split(separator: " ").last ?? ""))
      #expect(answer.hasPrefix("refused"))
      #expect(count < 40)
    }
  }

  @Test("a job past its time is killed, heed it or not, and that is a deadline with evidence")
  func overruns() async throws {
    try await Apart.with { apart async throws in
      let announcement = Announcement()
      // The start of its process is part of its time, and slow on a busy machine.
      async let failing = apart.failure("hang", announcement.path, deadline: .seconds(5))
      let process = try #require(await announcement.process())
      let failure = try await failing
      #expect(failure.kind == .deadline)
      #expect(failure.code == "isolation_deadline")
      #expect(failure.fields["signal"] == "SIGKILL")
      #expect(kill(process, 0) == -1)
      try await apart.expectGoesOn()
    }
  }

  @Test("a cancelled job's process is dead when the call returns")
  func cancels() async throws {
    try await Apart.with { apart async throws in
      let announcement = Announcement()
      let program = apart.program
      let task = Task {
        await #expect(throws: CancellationError.self) {
          try await program.run(Apart.work("hang", announcement.path), within: .standard)
        }
      }
      let process = try #require(await announcement.process())
      task.cancel()
      _ = await task.value
      #expect(kill(process, 0) == -1)
      try await apart.expectGoesOn()
    }
  }

  @Test("what a job has started dies with its process, and does not hide its death")
  func leavesProcess() async throws {
    try await Apart.with { apart async throws in
      let left = try #require(Int32(try await apart.ask("leave a process behind")))
      #expect(kill(left, 0) == 0)
      let failure = try await apart.failure("segfault")
      #expect(failure.kind == .crash)
      #expect(failure.fields["signal"] == "SIGSEGV")
      await waitForEnd(of: left)
    }
  }

  @Test("an answer that is none costs the job, and nothing else")
  func garbles() async throws {
    try await Apart.with { apart async throws in
      #expect(try await apart.failure("garbage").code == "isolation_protocol")
      try await apart.expectGoesOn()
    }
  }

  @Test("a program that is not there is named")
  func missesProgram() async throws {
    try await Apart.with(executable: "/nowhere/program") { apart async throws in
      let failure = try await apart.failure("hello")
      #expect(failure.kind == .transient)
      #expect(failure.code == "isolation_not_started")
      #expect(failure.fields["path"] == "/nowhere/program")
    }
  }
}
