internal import WorkerKit

extension SeamCheck {
  /// Keeping a lease.
  static let renewing = [extends, adopts, refusesReplaced]

  private static let extends = SeamCheck("a renewed lease lasts its length from the renewal") { bench in
    _ = try await bench.startOne()
    let lease = try await bench.leaseOne()
    bench.time.advance(by: .seconds(10))
    try expect(try await bench.queue.renew([lease]), is: [.extended], "The holder renews.")
    bench.time.advance(by: .milliseconds(14_990))
    try expect(try await bench.queue.expired(limit: 9), is: [], "The lease holds for 15 seconds from the renewal.")
    bench.time.advance(by: .milliseconds(20))
    try expect(try await bench.queue.expired(limit: 9), is: [lease.authority], "Then it has run out.")
    try expect(try await bench.queue.renew([lease]), is: [.extended], "A late renewal counts while nobody else came.")
    try expect(try await bench.queue.expired(limit: 9), is: [], "The lease lasts again.")
    try expect(try await bench.settle([lease]), is: [.settled], "The holder settles.")
  }

  private static let adopts = SeamCheck("a lease that the queue has forgotten is adopted", scenarios: [2]) { bench in
    // Where store and queue are one file, the queue forgets nothing that the store remembers.
    guard !bench.store.movesQueue else { return }
    let handoff = try await bench.commit(bench.wanted()).handoff
    let entry = try require(handoff?.entries.first, "The job is handed over.")
    let lease = bench.forgottenLease(of: entry, epoch: try await bench.store.epoch())
    try expect(try await bench.queue.renew([lease]), is: [.extended], "The lease is adopted.")
    try expect(try await bench.deliver(handoff), is: [.known], "The job is known, and not pushed.")
    try expect(try await bench.lease(9), is: [], "Nobody else gets it.")
    let other = bench.forgottenLease(of: entry, epoch: lease.authority.epoch)
    try expect(try await bench.queue.renew([other]), is: [.lost], "Somebody else has it.")
    try expect(try await bench.settle([lease]), is: [.settled], "The holder settles.")
    try await bench.expectEmpty("The adopted lease was finished.")
  }

  private static let refusesReplaced = SeamCheck("a lease under an older fence is lost") { bench in
    let job = try await bench.startOne()
    let first = try await bench.leaseOne()
    bench.time.advance(by: SeamBench.leaseLength)
    try expect(try await bench.reap(), is: [.raised], "The lease has run out.")
    try expect(try await bench.queue.renew([first]), is: [.lost], "The old holder is told while the job waits.")
    let second = try await bench.leaseOne()
    try expect(second.authority.fence, is: .first.raised, "The job has a new fence.")
    try expect(try await bench.queue.renew([first, second]), is: [.lost, .extended], "The new holder goes on.")
    let finished = try await bench.queue.finish([first.authority])
    try expect(finished, is: [.held], "The old holder removes nothing.")
    let known = try await bench.queue.known([FencedJob(job: job, fence: second.authority.fence)])
    try expect(known, is: [.leased(second.authority.holder)], "The new holder still has the job.")
  }
}

extension SeamBench {
  /// A lease that was granted by a queue which then lost its memory.
  func forgottenLease(of entry: QueueEntry, epoch: Epoch) -> Lease {
    let holder = Holder(rawValue: environment.id())
    let authority = Authority(job: entry.job, epoch: epoch, fence: entry.fence, holder: holder)
    return Lease(authority: authority, queue: entry.queue, length: Self.leaseLength)
  }
}
