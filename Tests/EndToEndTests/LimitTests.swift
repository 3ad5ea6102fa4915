import Testing

@Suite("Limits of a stage that calls a service", .timeLimit(.minutes(5)), .onEveryQueue)
struct LimitTests {
  @Test("No more calls of a tenant are open than its slots, another tenant's go past, and an edit counts at once")
  func concurrency() async throws {
    let served = try await ServedCalls(#"limit: { key: "${event.tenant_id}", concurrency: 2 }"#)
    let service = served.service
    try await served.emit(6, of: "busy")
    #expect(try await service.calls(2).map(\.path) == ["/busy", "/busy"])
    try await served.stand(waiting: 4, leased: 2)
    try await served.emit(1, of: "quiet")
    #expect(try await service.calls(3).last?.path == "/quiet")
    try await served.stand(waiting: 4, leased: 3)
    try await service.answer(1)
    #expect(try await service.calls(4).last?.path == "/busy")
    try await served.stand(waiting: 3, leased: 3)
    #expect(try await service.mostOpen("/busy") == 2)

    try served.edit(#"limit: { key: "${event.tenant_id}", concurrency: 4 }"#)
    #expect(try await service.calls(6).suffix(2).map(\.path) == ["/busy", "/busy"])
    try await served.stand(waiting: 1, leased: 5)
    try await served.end(7)
    #expect(try await service.mostOpen("/busy") == 4)
    #expect(try await service.calls().count { $0.path == "/busy" } == 6)
  }

  @Test("Calls start no faster than the rate says")
  func rate() async throws {
    let served = try await ServedCalls("limit: { rate: 5/s, burst: 1 }")
    try await served.service.open()
    let before = try await served.service.seconds()
    try await served.emit(6, of: "busy")
    for (number, call) in try await served.service.calls(6).enumerated() {
      // Not from one call to the next: how long each is on its way is anybody's guess. The clocks differ a little.
      #expect(call.seconds - before >= Double(number) / 5 - 0.01, "Call \(number)")
    }
    try await served.end(6)
  }

  @Test("A rate that is raised counts for what has used up the lower one, and for what waits because of it")
  func raisedRate() async throws {
    let served = try await ServedCalls(#"limit: { key: "${event.tenant_id}", rate: 2/d, burst: 2 }"#)
    try await served.emit(6, of: "busy")
    _ = try await served.service.calls(2)
    try await served.stand(waiting: 4, leased: 2)
    try await served.emit(1, of: "quiet")
    #expect(try await served.service.calls(3).last?.path == "/quiet")
    try await served.stand(waiting: 4, leased: 3)
    try served.edit(#"limit: { key: "${event.tenant_id}", rate: 100/s, burst: 2 }"#)
    #expect(try await served.service.calls(7).count == 7)
    try await served.end(7)
  }
}
