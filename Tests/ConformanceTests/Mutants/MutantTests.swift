import Testing
import WorkerKitTesting

@Suite("The suite notices broken drivers")
struct MutantTests {
  @Test(
    .timeLimit(.minutes(5)),
    arguments: Mutant.queueMutants + Mutant.storeMutants + Mutant.scheduleMutants
      + Mutant.pauseMutants + Mutant.laneMutants)
  func catches(_ mutant: Mutant) async throws {
    let check = try #require(SeamCheck.all.first { $0.name.hasSuffix(mutant.caughtBy) }, "The check exists.")
    let seed = UInt64.random(in: .min ... .max)
    await #expect(throws: CheckFailure.self, "seed \(seed)") { try await check.run(on: mutant.driver, seed: seed) }
    try await check.run(on: .inMemory, seed: seed)
  }
}
