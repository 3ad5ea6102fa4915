import Foundation
import ProcessChild
import ProcessDriver
import TestProcesses
import Testing

@Suite struct ChildConfinementTests {
  @Test func theChildSeesOnlyTheEnvironmentItIsGiven() async throws {
    setenv("MILLRACE_TEST_SECRET", "must not travel", 1)
    let pool = TestPool.make()
    #expect(try await pool.ask("environment") == "LANG=C.UTF-8\nPATH=/usr/bin:/bin\nSWIFT_BACKTRACE=enable=no")
    await pool.close()
  }

  @Test func noDescriptorOfTheParentReachesTheChild() async throws {
    let leaky = fcntl(STDERR_FILENO, F_DUPFD, 200)
    defer { close(leaky) }
    #expect(leaky >= 200)
    let pool = TestPool.make()
    // The fourth is the loop's own duplicate of standard output.
    #expect(try await pool.ask("descriptors") == "0 1 2 3")
    await pool.close()
  }

  @Test func theChildLeadsASessionOfItsOwn() async throws {
    let pool = TestPool.make()
    #expect(try await pool.ask("session") == "own")
    await pool.close()
  }

  @Test func printingInTheChildSpoilsNoAnswer() async throws {
    let pool = TestPool.make()
    #expect(try await pool.ask("print something") == "print something")
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func limitsSurviveTheCommandLine() throws {
    let limits = ChildLimits(
      addressSpaceBytes: 1 << 40, cpuSeconds: 5, fileSizeBytes: 0, openFiles: 32, parentProcess: 7)
    #expect(try ChildLimits(arguments: ["program", "--verbose"] + limits.arguments) == limits)
    #expect(ChildLimits().arguments.isEmpty)
  }

  @Test(arguments: ["--limit-address-space=much", "--limit-memory=1", "--limit-open-files", "--limit-cpu-seconds=-1"])
  func anUnreadableLimitIsRefused(argument: String) {
    #expect(throws: ChildSetupFailure.unreadable(argument: argument)) { try ChildLimits(arguments: [argument]) }
  }

  @Test(.timeLimit(.minutes(5))) func aChildDiesWithItsParent() async throws {
    let child = TestPool.products.appending(path: "process-test-child").path
    // The descriptor 3 keeps standard input, which the shell takes from what it starts in the background.
    let shell = try RunningProgram(
      Program("/bin/sh", ["-c", "exec 3<&0; \(child) --limit-parent-process=$$ <&3 & echo $!; wait"]))
    let process = try #require(Int32(try await shell.line()))
    // Its answer proves that the child is past its first steps.
    try shell.write(Data([0, 0, 0, 3]) + Data("hi\n".utf8))
    #expect(try await shell.line() == "\0\0\0\u{3}hi")
    shell.signal(SIGKILL)
    while isRunning(process), !Task.isCancelled { await Task.yield() }
    if isRunning(process) { kill(process, SIGKILL) }
  }

  /// Whether a process is there and more than an entry that nobody has waited for yet.
  private func isRunning(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return status.split(separator: ")").last?.hasPrefix(" Z") == false
  }

  @Test func aChildWhoseParentIsAnotherDoesNotServe() async throws {
    let child = TestPool.products.appending(path: "process-test-child").path
    #expect(try await Program(child, ChildLimits(parentProcess: 1).arguments).run().status == 70)
  }
}
