import Testing
import WorkerKitTesting

@testable import WorkerKit

@Suite("The slots of a lane")
struct SlotsTests {
  @Test(
    "No wake-up is lost, and never more are taken than there are", .timeLimit(.minutes(5)),
    arguments: [1, 2, 3, 4] as [UInt64])
  func stress(seed: UInt64) async {
    let (slots, random, inUse) = (Slots(3), SeededRandom(seed: seed), Shared(0))
    var taken = 0
    await withTaskGroup(of: Void.self) { group in
      while taken < 3000, let free = await slots.available() {
        #expect(free >= 1 && free <= 3, "seed \(seed)")
        let count = 1 + Int(random.next() % UInt64(free))
        slots.take(count)
        taken += count
        let now = inUse.withLock { inUse in
          inUse += count
          return inUse
        }
        #expect(now <= 3, "seed \(seed)")
        for _ in 0..<count {
          let yields = random.next() % 4
          group.addTask {
            for _ in 0..<yields { await Task.yield() }
            inUse.withLock { $0 -= 1 }
            slots.free()
          }
        }
      }
    }
    #expect(taken >= 3000, "seed \(seed)")
    #expect(await slots.available() == 3, "seed \(seed)")
  }

  @Test("Closing ends the waiter, and whoever asks later", .timeLimit(.minutes(5)))
  func close() async {
    let slots = Slots(1)
    slots.take(1)
    async let waiting = slots.available()
    slots.close()
    #expect(await waiting == nil)
    slots.free()
    #expect(await slots.available() == nil)
  }
}
