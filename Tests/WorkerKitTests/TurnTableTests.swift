import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Whose turn it is")
struct TurnTableTests {
  private static func lane(
    _ id: Int64, _ fairKey: String, weight: Int = 1, jobs: Int, _ priority: WorkerKit.Priority = .normal,
    limits: [LimitKey] = []
  ) -> LaneStanding {
    LaneStanding(
      id: id,
      lane: Lane(
        tenant: "acme", pipeline: "p", stage: "s", flow: JobFlow(fairKey: fairKey, weight: weight, limits: limits)),
      priority: priority, pass: 0, available: jobs)
  }

  @Test("What is asked for is given, and never more, whatever is in the way", arguments: 0..<200)
  func givesAsMuchAsThereIs(_ round: UInt64) {
    var chance = SeededGenerator(seed: round)
    let names: [LimitName] = ["a", "b"]
    var controls = QueueControls()
    for name in names where Bool.random(using: &chance) {
      controls.limits[name] = LimitRule(
        rate: Bool.random(using: &chance) ? Rate(.random(in: 1...50, using: &chance), per: .seconds(1)) : nil,
        concurrency: Bool.random(using: &chance) ? .random(in: 1...5, using: &chance) : nil)
    }
    var lanes: [LaneStanding] = []
    for id in 0..<Int64.random(in: 1...12, using: &chance) {
      let limits = names.filter { _ in Bool.random(using: &chance) }.map { LimitKey($0, "\(id % 3)") }
      lanes.append(
        Self.lane(
          id, "\(id % 4)", weight: .random(in: 1...5, using: &chance), jobs: .random(in: 0...9, using: &chance),
          WorkerKit.Priority.allCases.randomElement(using: &chance) ?? .normal, limits: limits))
    }
    var table = TurnTable(now: 1_000_000_000, controls: controls, lanes: lanes)
    let wanted = Int.random(in: 1...40, using: &chance)
    let takes = table.take(wanted)
    #expect(takes.map(\.count).reduce(0, +) <= wanted)
    for lane in lanes {
      let taken = takes.filter { $0.lane == lane.id }.map(\.count).reduce(0, +)
      let after = table.lanes.first { $0.id == lane.id }
      #expect(after?.available == lane.available - taken)
    }
    for (name, rule) in controls.limits {
      for key in 0..<3 {
        let used = table.underWay[LimitKey(name, "\(key)")] ?? 0
        if let most = rule.concurrency { #expect(used <= most) }
        if let rate = rule.rate { #expect(used <= rate.burst) }
      }
    }
    // What was not given was held back by something, or was not there.
    let isShort = takes.map(\.count).reduce(0, +) < wanted
    if isShort { #expect(table.lanes.allSatisfy { $0.available == 0 || $0.hold != nil }) }
  }

  @Test("In the long run everybody has the share that their weight says", arguments: 0..<40)
  func sharesByWeight(_ round: UInt64) throws {
    var chance = SeededGenerator(seed: round)
    let weights = (0..<Int.random(in: 2...6, using: &chance)).map { _ in Int.random(in: 1...8, using: &chance) }
    var lanes = weights.enumerated().map { Self.lane(Int64($0), "key-\($0)", weight: $1, jobs: 1 << 20) }
    var (served, counts) = ([WorkerKit.Priority: Int64](), [Int64: Int]())
    let batch = Int.random(in: 1...20, using: &chance)
    for _ in 0..<(20_000 / batch) {
      var table = TurnTable(now: 0, controls: QueueControls(), lanes: lanes, served: served)
      for take in table.take(batch) { counts[take.lane, default: 0] += take.count }
      (lanes, served) = (table.lanes, table.served)
    }
    let all = counts.values.reduce(0, +)
    for (id, weight) in weights.enumerated() {
      let share = Double(counts[Int64(id)] ?? 0) / Double(all)
      let due = Double(weight) / Double(weights.reduce(0, +))
      #expect(abs(share - due) < 0.02, "weights \(weights), batches of \(batch)")
    }
  }

  @Test("A lane that waits is served within a turn of each other and the age of its priority")
  func servesWithinATurn() {
    let lanes =
      (0..<10).map { Self.lane($0, "busy-\($0)", jobs: 1000) } + [Self.lane(10, "quiet", jobs: 1)]
      + [Self.lane(11, "low", jobs: 1, .low)]
    var table = TurnTable(now: 0, controls: QueueControls(), lanes: lanes)
    let order = (0..<20).flatMap { _ in table.take(1).map(\.lane) }
    #expect(order.firstIndex(of: 10).map { $0 <= 10 } == true)
    #expect(order.firstIndex(of: 11) == TurnTable.patience)
  }

  @Test("A bucket lets through what its rate says in any stretch of time, and no more", arguments: 0..<100)
  func keepsRates(_ round: UInt64) {
    var chance = SeededGenerator(seed: round)
    let rate = Rate(
      .random(in: 1...2000, using: &chance), per: .milliseconds(Int64.random(in: 1...5000, using: &chance)),
      burst: .random(in: 1...20, using: &chance))
    var (now, full, starts) = (Int64(1_000_000), Int64(0), [Int64]())
    for _ in 0..<300 {
      now += .random(in: 0...(3 * rate.interval), using: &chance)
      let count = min(rate.allowed(at: now, full: full), .random(in: 0...30, using: &chance))
      if rate.allowed(at: now, full: full) == 0 {
        #expect(rate.next(after: full) > now)
        #expect(rate.allowed(at: rate.next(after: full), full: full) >= 1, "It says when the next may start.")
      }
      guard count > 0 else { continue }
      full = rate.full(after: full, taking: count, at: now)
      starts += Array(repeating: now, count: count)
    }
    for (index, start) in starts.enumerated() {
      for last in starts.indices[index...].prefix(60) {
        let allowed = Int64(rate.burst) + (starts[last] - start) / rate.interval
        #expect(Int64(last - index + 1) <= allowed)
      }
    }
  }

  @Test("A bucket that a slower rate has used up begins anew, one that is a little ahead does not")
  func begins() {
    let (rate, now) = (Rate(10, per: .seconds(1), burst: 3), Int64(1_000_000_000))
    #expect(rate.allowed(at: now, full: now + 86_400_000_000) == 3)
    #expect(rate.full(after: now + 86_400_000_000, taking: 3, at: now) == now + 300_000)
    #expect(rate.allowed(at: now, full: now + 300_000) == 0)
    #expect(rate.allowed(at: now, full: now + 1_300_000) == 0, "A clock that went back a second lets nothing through.")
  }

  @Test("A rate without a burst lets through what comes in a tenth of a second")
  func choosesBurst() {
    #expect(Rate(20, per: .seconds(1)).burst == 2)
    #expect(Rate(5, per: .seconds(60)).burst == 1)
    #expect(Rate(100_000, per: .seconds(1)).burst == 10_000)
    #expect(Rate(3, per: .seconds(1)).interval == 333_334)
  }

  @Test("Scopes and flows are read back as they were written")
  func keepsTexts() throws {
    let scopes: [PauseScope] = [.queue("media"), .pipeline("p"), .stage("p", "s"), .tenant("a:b/c")]
    for scope in scopes { #expect(PauseScope(scope.description) == scope) }
    for text in ["", "media", "queue:", "stage:p", "stage:/s", "stage:p/", "job:x"] { #expect(PauseScope(text) == nil) }
    let flow = JobFlow(fairKey: "f", weight: 7, limits: [LimitKey("p/s/0", "k"), LimitKey("p/s/1", "")])
    for ordering in [JobOrdering(flow: flow), JobOrdering(execution: "x", flow: JobFlow()), JobOrdering()] {
      #expect(JobOrdering(json: ordering.json) == ordering)
    }
    #expect(!JobOrdering(flow: flow).orders && JobOrdering(execution: "x").orders)
  }
}
