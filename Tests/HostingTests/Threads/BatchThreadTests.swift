import Dispatch
import DriverThreads
import Synchronization
import Testing

@Suite("A thread that handles batches")
struct BatchThreadTests {
  private final class Log: Sendable {
    private let batches = Mutex<[[Int]]>([])
    var all: [[Int]] { batches.withLock { $0 } }
    func add(_ batch: [Int]) { batches.withLock { $0.append(batch) } }
  }

  @Test("What gathers while a batch is handled is the next batch, in order", .timeLimit(.minutes(5)))
  func gathers() async {
    let (log, started, goOn) = (Log(), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let thread = BatchThread<Int>(name: "batches") { batch in
      log.add(batch)
      if batch == [0] {
        started.signal()
        goOn.wait()
      }
    }
    #expect(thread.submit(0))
    await Self.wait(for: started)
    for item in 1...100 { #expect(thread.submit(item)) }
    goOn.signal()
    await thread.closeAndWait()
    #expect(log.all == [[0], Array(1...100)])
  }

  @Test("After the close nothing is taken, what was taken is handled, and the end comes last", .timeLimit(.minutes(5)))
  func closes() async {
    let (log, goOn) = (Log(), DispatchSemaphore(value: 0))
    let thread = BatchThread<Int>(name: "a name of more than fifteen bytes") { batch in
      goOn.wait()
      goOn.signal()
      log.add(batch)
    } atEnd: {
      log.add([-1])
    }
    for item in 0..<10 { #expect(thread.submit(item)) }
    thread.close()
    #expect(!thread.submit(10))
    goOn.signal()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<3 { group.addTask { await thread.closeAndWait() } }
    }
    #expect(log.all.flatMap { $0 } == Array(0..<10) + [-1])
    #expect(log.all.last == [-1])
    await thread.closeAndWait()
  }

  @Test("Items of many tasks are all handled, each task's in its order", .timeLimit(.minutes(5)))
  func manyTasks() async {
    let log = Log()
    let thread = BatchThread<Int>(name: "batches") { log.add($0) }
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask { for item in 0..<500 { _ = thread.submit(task * 1000 + item) } }
      }
    }
    await thread.closeAndWait()
    let items = log.all.flatMap { $0 }
    for task in 0..<8 {
      #expect(items.filter { $0 / 1000 == task } == (0..<500).map { task * 1000 + $0 })
    }
  }

  /// Waits for a semaphore on a thread that is not the pool's.
  private static func wait(for semaphore: DispatchSemaphore) async {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        semaphore.wait()
        continuation.resume()
      }
    }
  }
}
