internal import WorkerKit

extension SeamCheck {
  /// Jobs that no host can work on yet.
  static let parking = [parks, announces]

  private static let parks = SeamCheck("a parked job waits outside the queue and spends nothing") { bench in
    let wanted = try await bench.start()
    let lease = try await bench.work(.parked(waitingFor: "worker"))
    let standing = try await bench.standing(of: lease.authority.job)
    try expect(standing.state, is: .pending, "The job is pending.")
    try expect(standing.waitingFor, is: "worker", "It says what it waits for.")
    try expect(standing.fence, is: .first.raised, "It has a new fence.")
    try expect(standing.attempts, is: 0, "No attempt is spent.")
    try expect(try await bench.lease(9), is: [], "It is not leased.")
    try expect(try await bench.store.run(wanted[0].run)?.standing.state, is: .running, "Its run waits with it.")
    try expect(try await bench.settleOnly(lease), is: .settled, "Its holder has the same answer again.")
    try expect(try await bench.standing(of: lease.authority.job).state, is: .pending, "It stays parked.")
    try await bench.expectEmpty("The job is parked.")
    try expect(try await bench.reconcile(), is: [], "Nobody takes it for a lost push.")
  }

  private static let announces = SeamCheck("a parked job is queued when a host knows its worker") { bench in
    let known = try await bench.startOne(worker: "media.scan")
    try await bench.work(.parked(waitingFor: "worker"))
    let unknown = try await bench.startOne(worker: "media.other")
    try await bench.work(.parked(waitingFor: "worker"))
    let none = try await bench.store.announce("01HOST00000000000000000002", workers: ["mail.send"])
    try expect(none, is: nil, "A host that knows neither brings nothing.")
    try await bench.deliver(bench.store.announce(SeamBench.host, workers: ["media.scan", "mail.send"]))
    let standing = try await bench.standing(of: known)
    try expect(standing.state, is: .queued, "The known worker's job is queued.")
    try expect(standing.waitingFor, is: nil, "It waits for nothing.")
    try expect(try await bench.standing(of: unknown).state, is: .pending, "The other still waits.")
    try expect(try await bench.store.announce(SeamBench.host, workers: ["media.scan"]), is: nil, "Once is enough.")
    let lease = try await bench.leaseOne()
    try expect(lease.authority.job, is: known, "The known worker's job can be leased.")
    try expect(lease.authority.fence, is: .first.raised, "It has the fence that parking gave it.")
    try expect(try await bench.settle([lease]), is: [.settled], "Its holder settles.")
  }
}
