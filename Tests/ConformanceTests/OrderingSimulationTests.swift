import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Order in many worlds", .timeLimit(.minutes(5)))
struct OrderingSimulationTests {
  @Test("Thousands of saves of 100 documents", arguments: [true, false])
  func keepsNewest(unbroken: Bool) async throws {
    let seed = UInt64.random(in: .min ... .max)
    print("coalescing, in memory: seed \(seed)")
    let check = SeamCheck.coalescing(documents: 100, rounds: 80, steps: 6, unbroken: unbroken) { print($0) }
    try await check.run(on: .inMemory, seed: seed)
  }

  @Test("The newest is kept in many worlds")
  func keepsNewestOften() async throws {
    let first = UInt64.random(in: .min ... .max)
    let check = SeamCheck.coalescing(documents: 8, rounds: 60, steps: 10, unbroken: false)
    for offset in UInt64(0)..<40 { try await check.run(on: .inMemory, seed: first &+ offset) }
  }

  @Test("Turns are kept in many worlds")
  func keepsTurnsOften() async throws {
    let first = UInt64.random(in: .min ... .max)
    let check = try #require(SeamCheck.all.first { $0.name.contains("whatever comes between") })
    for offset in UInt64(0)..<40 { try await check.run(on: .inMemory, seed: first &+ offset) }
  }
}
