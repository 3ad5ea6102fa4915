import DriverThreads
import Testing

@Suite("A thread for calls that block")
struct WorkThreadTests {
  @Test("Calls run one at a time, in order, and answer each to its own", .timeLimit(.minutes(5)))
  func order() async {
    let thread = WorkThread(name: "work")
    let log = Shared<[Int]>([])
    let inside = Shared(0)
    for number in 0..<100 {
      let answer = await thread.run {
        log.withLock { $0.append(number) }
        return number
      }
      #expect(answer == number)
    }
    #expect(log.withLock { $0 } == Array(0..<100))
    await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<50 {
        group.addTask {
          await thread.run {
            let entered = inside.withLock { count in
              count += 1
              return count
            }
            inside.withLock { $0 -= 1 }
            return entered
          }
        }
      }
      for await entered in group { #expect(entered == 1) }
    }
  }

  @Test("A closed thread answers with nothing, and does what it was given before", .timeLimit(.minutes(5)))
  func closes() async {
    let thread = WorkThread(name: "work")
    #expect(await thread.run { 1 } == 1)
    thread.close()
    let wasRun = Shared(false)
    let answer: Int? = await thread.run {
      wasRun.withLock { $0 = true }
      return 2
    }
    #expect(answer == nil)
    #expect(!wasRun.withLock { $0 })
  }
}
