internal import WorkerKit

extension SeamCheck {
  /// Who gets which job, and when.
  static let leasing = [
    mintsHolders, leasesOnce, leasesInOrder, keepsQueuesApart, honoursDelay, waitsForPush, waitsForDelay, waitsNoLonger,
  ]

  private static let mintsHolders = SeamCheck("a lease names its job, fence, queue and a holder of its own") { bench in
    let jobs = try await bench.start(3).flatMap(\.jobs)
    let leases = try await bench.lease(2)
    try expect(leases.map(\.authority.job), is: Array(jobs.prefix(2)), "No more are granted than asked for.")
    try expect(leases.map(\.authority.fence), is: [.first, .first], "A lease has its entry's fence.")
    try expect(Set(leases.map(\.authority.holder)).count, is: 2, "Each lease has a holder of its own.")
    try expect(leases.allSatisfy { $0.queue == .standard && $0.length == SeamBench.leaseLength }, "It was asked so.")
    let known = try await bench.queue.known(jobs.map { FencedJob(job: $0, fence: .first) })
    let holders = leases.map { KnownAnswer.leased($0.authority.holder) }
    try expect(known, is: holders + [.waiting], "The queue knows who holds what.")
    let newer = try await bench.queue.known(jobs.map { FencedJob(job: $0, fence: .first.raised) })
    try expect(newer, is: [.unknown, .unknown, .unknown], "It does not know fences to come.")
    bench.time.advance(by: .seconds(4))
    let depth = try require(try await bench.queue.depths().first, "The queue has a depth.")
    try expect([depth.waiting, depth.leased], is: [1, 2], "Waiting and leased jobs are counted apart.")
    try expect(depth.oldest >= .seconds(4) && depth.oldest < .seconds(5), "The oldest has waited four seconds.")
  }

  private static let leasesOnce = SeamCheck("each job is leased once, however many ask") { bench in
    let jobs = try await bench.start(500).flatMap(\.jobs)
    let leases = try await withThrowingTaskGroup(of: [Lease].self) { group in
      for _ in 0..<8 {
        group.addTask {
          var (all, leases): ([Lease], [Lease]) = ([], [])
          repeat {
            leases = try await bench.lease(7)
            all += leases
          } while !leases.isEmpty && all.count <= 500
          return all
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    try expect(leases.count, is: 500, "Eight hosts get 500 leases in all.")
    try expect(Set(leases.map(\.authority.job)), is: Set(jobs), "No job is leased twice.")
    try expect(Set(leases.map(\.authority.holder)).count, is: 500, "No holder is minted twice.")
  }

  private static let leasesInOrder = SeamCheck("the oldest job is leased first") { bench in
    var jobs: [JobID] = []
    for _ in 0..<5 { jobs += try await bench.start(4).flatMap(\.jobs) }
    var leased: [JobID] = []
    for limit in [1, 7, 12] { leased += try await bench.lease(limit).map(\.authority.job) }
    try expect(leased, is: jobs, "Jobs are leased in the order of their arrival.")
  }

  private static let keepsQueuesApart = SeamCheck("a host gets jobs of the queue that it asked only") { bench in
    let media = try await bench.start(2, queue: "media").flatMap(\.jobs)
    let mail = try await bench.start(2, queue: "mail").flatMap(\.jobs)
    try expect(try await bench.lease(9), is: [], "No job is in a queue that nobody named.")
    try expect(try await bench.lease(9, from: "mail").map(\.authority.job), is: mail, "One queue's jobs are leased.")
    try expect(try await bench.lease(9, from: "media").map(\.authority.job), is: media, "So are the other's.")
  }

  private static let honoursDelay = SeamCheck("a job with a delay is leased when its time has come") { bench in
    let job = try await bench.startOne()
    try await bench.work(.again(after: .seconds(10)))
    let other = try await bench.startOne()
    bench.time.advance(by: .milliseconds(9_990))
    try expect(try await bench.lease(2).map(\.authority.job), is: [other], "Nothing is leased before its time.")
    bench.time.advance(by: .milliseconds(10))
    try expect(try await bench.lease(2).map(\.authority.job), is: [job], "It is leased at its time.")
  }

  private static let waitsForPush = SeamCheck("a lease that waits gets what is pushed meanwhile") { bench in
    let wanted = bench.wanted()
    let pushWhenAsleep: @Sendable () async throws -> Void = {
      try await bench.time.waitForSleepers()
      try await bench.deliver(bench.commit(wanted).handoff)
    }
    let leases = try await bench.whileTimePasses(after: pushWhenAsleep) { try await bench.lease(wait: .seconds(600)) }
    try expect(leases.map(\.authority.job), is: wanted.flatMap(\.jobs), "Who waited gets the job.")
  }

  private static let waitsForDelay = SeamCheck("a lease that waits gets what becomes due meanwhile") { bench in
    let job = try await bench.startOne()
    try await bench.work(.again(after: .seconds(10)))
    let start = bench.time.monotonic
    let leases = try await bench.whileTimePasses { try await bench.lease(wait: .seconds(600)) }
    try expect(leases.map(\.authority.job), is: [job], "Who waited gets the job.")
    let waited = bench.time.monotonic - start
    try expect(waited >= .seconds(10) && waited < .seconds(600), "It is granted when it is due, not at the end.")
  }

  private static let waitsNoLonger = SeamCheck("a lease that waits for nothing comes back empty in time") { bench in
    let start = bench.time.monotonic
    try expect(try await bench.lease(), is: [], "Without a wait the answer comes at once.")
    try expect(bench.time.monotonic, is: start, "No time has passed.")
    let leases = try await bench.whileTimePasses { try await bench.lease(wait: .seconds(5)) }
    try expect(leases, is: [], "There is nothing to lease.")
    try expect(bench.time.monotonic - start >= .seconds(5), "It has waited as long as it was asked to.")
  }
}
