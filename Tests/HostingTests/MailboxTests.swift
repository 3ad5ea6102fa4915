import Testing
import WorkerKitTesting

@testable import WorkerKit

@Suite("The settler's mailbox")
struct MailboxTests {
  @Test(
    "No item and no wake-up is lost, and each sender's order is kept", .timeLimit(.minutes(5)),
    arguments: [1, 2, 3, 4] as [UInt64])
  func stress(seed: UInt64) async {
    let (mailbox, random) = (Mailbox<Int>(), SeededRandom(seed: seed))
    async let received = Self.drain(mailbox)
    await withTaskGroup(of: Void.self) { group in
      for sender in 0..<4 {
        group.addTask {
          for item in 0..<1000 {
            mailbox.put(sender * 10_000 + item)
            if random.next() % 3 == 0 { await Task.yield() }
          }
        }
      }
    }
    mailbox.close()
    let items = await received
    #expect(items.count == 4000, "seed \(seed)")
    for sender in 0..<4 {
      #expect(items.filter { $0 / 10_000 == sender }.map { $0 % 10_000 } == Array(0..<1000), "seed \(seed)")
    }
  }

  @Test("What was put before the close is taken after it", .timeLimit(.minutes(5)))
  func close() async {
    let mailbox = Mailbox<Int>()
    mailbox.put(1)
    mailbox.put(2)
    mailbox.close()
    #expect(await mailbox.takeAll() == [1, 2])
    #expect(await mailbox.takeAll() == nil)
  }

  private static func drain(_ mailbox: Mailbox<Int>) async -> [Int] {
    var items: [Int] = []
    while let batch = await mailbox.takeAll() { items += batch }
    return items
  }
}
