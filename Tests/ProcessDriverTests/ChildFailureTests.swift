import Foundation
import ProcessChild
import ProcessDriver
import Testing

@Suite struct ChildFailureTests {
  @Test func aCrashIsReportedWithItsSignalAndThePoolGoesOn() async throws {
    let pool = TestPool.make()
    let before = try await pool.ask("process")
    let death = try #require(await pool.death(of: "crash"))
    #expect(death.ending == .signalled(number: 11, name: "SIGSEGV"))
    #expect(death.cpuSeconds >= 0)
    #expect(try await pool.ask("process") != before)
    await pool.close()
  }

  @Test func anExitIsReportedWithItsStatusAndThePoolGoesOn() async throws {
    let pool = TestPool.make()
    let death = try #require(await pool.death(of: "exit 3"))
    #expect(death.ending == .exited(status: 3))
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func anOverrunIsKilledAtItsDeadlineAndThePoolGoesOn() async throws {
    let pool = TestPool.make()
    // The deadline of a first request is its child's start as well.
    _ = try await pool.ask("hello")
    let failure = await pool.failure(of: "loop", deadline: .seconds(1))
    guard case .deadline(let death) = failure else {
      Issue.record("not a deadline: \(String(describing: failure))")
      return
    }
    #expect(death.ending == .signalled(number: 9, name: "SIGKILL"))
    #expect(try #require(death.peakMemoryBytes) > 1 << 20)
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func unboundedAllocationEndsTheChildAtItsAddressSpace() async throws {
    let pool = TestPool.make(limits: ChildLimits(addressSpaceBytes: 1 << 30))
    let death = try #require(await pool.death(of: "allocate"))
    #expect(death.ending == .signalled(number: 6, name: "SIGABRT"))
    let peak = try #require(death.peakMemoryBytes)
    #expect(peak > 500 << 20)
    #expect(peak <= 1 << 30)
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func processorTimeIsBounded() async throws {
    let pool = TestPool.make(limits: ChildLimits(cpuSeconds: 1))
    let death = try #require(await pool.death(of: "spin"))
    #expect(death.ending == .signalled(number: 9, name: "SIGKILL"))
    #expect(death.cpuSeconds >= 0.5)
    await pool.close()
  }

  @Test func garbageIsAProtocolViolationAndThePoolGoesOn() async throws {
    let pool = TestPool.make()
    #expect(await pool.failure(of: "garbage") == .protocolViolation)
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func aRequestLongerThanAFrameIsRefusedWithoutAChild() async {
    let pool = TestPool.make()
    let request = [UInt8](repeating: 0, count: 16 << 20 | 1)
    await #expect(throws: ChildFailure.protocolViolation) { try await pool.call(request, deadline: .seconds(1)) }
    await pool.close()
  }

  @Test func aMissingProgramIsNamed() async {
    let pool = ChildPool(configuration: ChildPoolConfiguration(executable: "/nowhere/program"))
    guard case .notStarted(let failure) = await pool.failure(of: "hello") else {
      Issue.record("it started")
      return
    }
    #expect(failure.path == "/nowhere/program")
    #expect(failure.errorNumber == 2)
    #expect(failure.reason == "No such file or directory")
    await pool.close()
  }

  @Test func aFloodOfErrorsStopsNothingAndOnlyItsEndIsKept() async throws {
    let pool = TestPool.make()
    #expect(try await pool.ask("flood") == "flood")
    let death = try #require(await pool.death(of: "complain a last word"))
    #expect(death.stderrTail == "a last word")
    await pool.close()
  }

  @Test func aChildThatNeverStopsComplainingIsKilledAtItsDeadline() async throws {
    let pool = TestPool.make()
    _ = try await pool.ask("hello")
    guard case .deadline(let death) = await pool.failure(of: "flood-forever", deadline: .seconds(2)) else {
      Issue.record("not a deadline")
      return
    }
    #expect(death.stderrTail.utf8.count == 16 << 10)
    await pool.close()
  }

  @Test func aChildThatStopsTalkingButLivesOnIsKilled() async throws {
    let pool = TestPool.make()
    let death = try #require(await pool.death(of: "hang-up"))
    #expect(death.ending == .signalled(number: 9, name: "SIGKILL"))
    #expect(try await pool.ask("hello") == "hello")
    await pool.close()
  }

  @Test func aChildThatStopsReadingIsKilledAtItsDeadline() async throws {
    let pool = TestPool.make(arguments: ["--deaf"])
    let request = [UInt8](repeating: 0, count: 1 << 20)
    do throws(ChildFailure) {
      _ = try await pool.call(request, deadline: .milliseconds(300))
      Issue.record("answered")
    } catch {
      guard case .deadline = error else { throw error }
    }
    await pool.close()
  }

  @Test func theTailOfALongComplaintIsSixteenKibibytes() async throws {
    let pool = TestPool.make()
    let death = try #require(await pool.death(of: "flood-and-abort"))
    #expect(death.stderrTail.utf8.count == 16 << 10)
    #expect(death.stderrTail.hasSuffix("line 19999 of a flood on standard error\n"))
    await pool.close()
  }

  @Test func aDeathBetweenRequestsCostsNoRequest() async throws {
    let pool = TestPool.make()
    let text = try await pool.ask("process")
    let process = try #require(Int32(text))
    kill(process, SIGKILL)
    while kill(process, 0) == 0 { await Task.yield() }
    #expect(try await pool.ask("process") != text)
    await pool.close()
  }
}
