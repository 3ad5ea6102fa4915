import Testing
import WorkerKit
import WorkerKitTesting

@Suite("The seam between store and queue")
struct SeamTests {
  @Test(.timeLimit(.minutes(5)), arguments: SeamDriver.all, SeamCheck.all)
  func keeps(_ driver: SeamDriver, _ check: SeamCheck) async throws {
    try await check.run(on: driver, seed: .random(in: .min ... .max))
  }

  @Test("Many worlds", .timeLimit(.minutes(5)), arguments: SeamDriver.all)
  func simulates(_ driver: SeamDriver) async throws {
    let first = UInt64.random(in: .min ... .max)
    for check in SeamCheck.all where check.name.contains("whoever dies") {
      for offset in UInt64(0)..<50 { try await check.run(on: driver, seed: first &+ offset) }
    }
  }

  @Test("No two checks have one name")
  func namesChecksApart() {
    #expect(Set(SeamCheck.all.map(\.name)).count == SeamCheck.all.count)
  }

  @Test("A failure names its check, driver and seed")
  func namesPlace() async throws {
    let driver = SeamDriver("broken") { _ in throw DriverError(.closed, "closed", "The driver was closed.") }
    let check = try #require(SeamCheck.all.first)
    let failure = await #expect(throws: CheckFailure.self) { try await check.run(on: driver, seed: 7) }
    #expect(failure?.description.hasPrefix("\(check.name), broken, seed 7: ") == true)
  }
}
