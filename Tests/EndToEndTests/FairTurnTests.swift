import Testing

@Suite("Fair turns at a service", .timeLimit(.minutes(5)), .onEveryQueue)
struct FairTurnTests {
  @Test(
    "Another's one job is among the next calls, however many of a tenant wait",
    // A host has 64 calls open; with the limit it is one.
    arguments: [("priority: normal", 64), ("limit: { concurrency: 1 }", 1)])
  func waitsOneTurn(policy: String, open: Int) async throws {
    let served = try await ServedCalls(policy)
    try await served.emit(200, of: "busy")
    _ = try await served.service.calls(open)
    try await served.stand(waiting: 200 - open, leased: open)
    try await served.emit(1, of: "quiet")
    try await served.stand(waiting: 201 - open, leased: open)
    try await served.service.answer(2)
    let next = try await served.service.calls(open + 2).suffix(2)
    #expect(next.contains { $0.path == "/quiet" }, "\(next.map(\.path))")
    try await served.end(201)
  }

  @Test("A plan of weight 3 starts three jobs for each of a plan of weight 1")
  func weighs() async throws {
    let served = try await ServedCalls(
      """
      fair_by: { weight: "${event.context.plan}", weights: { free: 1, pro: 3 } }
          limit: { concurrency: 1 }
      """)
    try await served.emit(16, of: "small")
    try await served.emit(16, of: "large", plan: "pro")
    _ = try await served.service.calls(1)
    try await served.stand(waiting: 31, leased: 1)
    try await served.end(32)
    let large = try await served.service.calls().dropFirst().prefix(16).count { $0.path == "/large" }
    #expect((11...13).contains(large), "Of sixteen about twelve are of the larger plan; it was \(large).")
  }
}
