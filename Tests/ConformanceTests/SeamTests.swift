import Testing
import WorkerKitTesting

@Suite("The seam between store and queue")
struct SeamTests {
  @Test(arguments: SeamDriver.all, SeamCheck.all)
  func keeps(_ driver: SeamDriver, _ check: SeamCheck) async throws {
    try await check.run(on: driver, seed: .random(in: .min ... .max))
  }

  @Test("No two checks have one name")
  func namesChecksApart() {
    #expect(Set(SeamCheck.all.map(\.name)).count == SeamCheck.all.count)
  }
}
