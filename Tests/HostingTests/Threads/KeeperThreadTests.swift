import DriverThreads
import FoundationEssentials
import Testing
import WorkerKit

@Suite("The lease keeper's thread")
struct KeeperThreadTests {
  /// The name of the calling thread, as Linux keeps it.
  private static func threadName() -> String {
    let bytes = (try? Data(contentsOf: URL(filePath: "/proc/thread-self/comm"))) ?? Data()
    return String(decoding: bytes, as: UTF8.self).trimming("\n")
  }

  @Test("Jobs run on the thread, and on no other", .timeLimit(.minutes(5)))
  func runsJobs() async {
    let keeper = KeeperThread()
    let names = await withTaskGroup(of: [String].self) { group in
      for _ in 0..<20 {
        group.addTask(executorPreference: keeper) {
          let before = Self.threadName()
          await Task.yield()
          return [before, Self.threadName()]
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(names == Array(repeating: "lease-keeper", count: 40))
    keeper.close()
  }

  @Test("It beats, however many jobs there are", .timeLimit(.minutes(5)))
  func beatsUnderLoad() async {
    let keeper = KeeperThread(interval: .milliseconds(2))
    let done = Shared(false)
    await withTaskGroup(of: Void.self) { group in
      // Each of these is ready again as soon as it has run.
      for _ in 0..<4 {
        group.addTask(executorPreference: keeper) { while !done.withLock({ $0 }) { await Task.yield() } }
      }
      for _ in 0..<3 { await keeper.nextTick() }
      done.withLock { $0 = true }
    }
    keeper.close()
  }

  @Test("One beat wakes everybody who waits", .timeLimit(.minutes(5)))
  func wakesAll() async {
    let keeper = KeeperThread(interval: .milliseconds(2))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<10 { group.addTask { await keeper.nextTick() } }
    }
    keeper.close()
  }

  @Test("After the close beats come at once, and jobs are run all the same", .timeLimit(.minutes(5)))
  func closes() async {
    // Without the close, the next beat would come after the test's time.
    let keeper = KeeperThread(interval: .seconds(3600))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask(executorPreference: keeper) { await keeper.nextTick() }
      }
      keeper.close()
    }
    await keeper.nextTick()
    // Whether the thread has ended by now or not: what is handed to it is run.
    for _ in 0..<100 {
      let answer = await Task(executorPreference: keeper) {
        await Task.yield()
        return 7
      }.value
      #expect(answer == 7)
    }
  }
}

extension String {
  fileprivate func trimming(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
}
