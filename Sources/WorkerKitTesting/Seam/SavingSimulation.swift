internal import WorkerKit

/// People who write documents: their saves come shuffled, twice, late and at once, while hosts and dispatchers fail.
struct SavingSimulation {
  /// How much of it there is.
  struct Size: Sendable {
    /// How many documents are written.
    var documents: Int
    /// How often somebody writes.
    var rounds: Int
    /// How many steps processes take between two rounds.
    var steps: Int
    /// True where each document is written without a pause as long as its quiet time, so that nothing but the longest
    /// wait ends a window.
    var isUnbroken: Bool
  }

  /// What came of it.
  struct Tally: Sendable {
    var events = 0
    var saves = 0
    var superseded = 0
    /// Dead letters that were out of date when somebody wanted to replay them.
    var outdated = 0
    /// Attempts that did not succeed.
    var failures = 0
    var heads = 0
    /// The most saves that all documents together may have had.
    var mostSaves = 0
  }

  /// An event and the document that it saves.
  private struct Save {
    let event: EventEnvelope
    let document: Int
  }

  static let stage: StageName = "save"
  private static let round = Duration.milliseconds(25)

  let bench: SeamBench
  let size: Size
  private var crew: OrderedCrew
  private var documents: [SavedDocument]
  private var saves: [EventID: Save] = [:]
  private var unrouted: [EventID] = []
  private var outdated: Set<JobID> = []

  init(_ bench: SeamBench, _ size: Size) {
    self.bench = bench
    self.size = size
    crew = OrderedCrew(bench, route: Self.route, next: Plans.ending)
    documents = (0..<size.documents).map { number in
      let quiet = number % 20 == 0 ? 50 : number % 20 < 4 ? 100 : number % 2 == 0 ? 250 : 500
      return SavedDocument(
        name: "document-\(number)", quiet: .milliseconds(quiet), maxWait: .milliseconds(quiet * (2 + number % 7)),
        isDated: number % 3 == 0)
    }
  }

  /// Plays everything, lets all of it come to an end, and checks what is left.
  mutating func run() async throws -> Tally {
    for _ in 0..<size.rounds {
      try await emit()
      if size.isUnbroken || crew.chance(of: 4) > 0 { try await route() }
      for _ in 0..<size.steps { note(try await crew.step()) }
      pass()
    }
    try await route()
    try await finish()
    return try await check()
  }

  /// Lets every process die at once, and others do what is left.
  private mutating func finish() async throws {
    crew.die()
    for _ in 0..<60 {
      let (happenings, isOver) = try await crew.workInOrder()
      note(happenings)
      // What was pushed again of jobs that have ended is found and forgotten.
      if isOver { return note(try await crew.workInOrder().happenings) }
    }
    throw CheckFailure("Nothing waits for ever: \(try await crew.liveJobs()) have not ended.")
  }

  private func pass() {
    guard !size.isUnbroken, crew.chance(of: 3) == 0 else { return bench.time.advance(by: Self.round) }
    bench.time.advance(by: .milliseconds(Int64(crew.chance(of: crew.chance(of: 10) == 0 ? 20_000 : 1500))))
  }

  /// One run of one job for each save, as the event itself says.
  private static let route: RoutePlanner = { event in
    guard case .string(let key)? = event.payload["document"], case .integer(let quiet)? = event.payload["quiet"],
      case .integer(let maxWait)? = event.payload["max_wait"]
    else { throw PlanFailure() }
    let run = RunID(event.id.rawValue)
    var job = NewJob(
      id: JobID("\(run)-\(stage)"), stage: stage, worker: "checks.work", queue: .standard,
      input: .resolved(Array("{}".utf8)))
    job.ordering = JobOrdering(
      window: .init(
        key: key, quiet: .milliseconds(quiet), maxWait: .milliseconds(maxWait), value: event.payload["revision"]))
    job.lease = .seconds(2)
    return [
      NewRun(id: run, pipeline: SeamBench.pipeline, revision: SeamBench.revision, plan: RunPlan(jobs: [job]))
    ]
  }
}

/// What people do.
extension SavingSimulation {
  private mutating func emit() async throws {
    var events: [EventEnvelope] = []
    for index in documents.indices where isWritten(documents[index]) {
      events.append(save(documents[index].write(leavingOut: Int64(crew.chance(of: 3))), of: index))
      switch crew.chance(of: 8) {
      case 0: events += events.suffix(1)
      case 1: events.append(save(documents[index].newest, of: index))
      case 2...3:
        if let late = documents[index].takeLate(crew.chance) { events.append(save(late, of: index)) }
      default: continue
      }
      documents[index].emittedAt = bench.time.monotonic
    }
    for index in events.indices { events.swapAt(index, crew.chance(of: events.count)) }
    let batches = [events.prefix(events.count / 2), events.suffix(events.count - events.count / 2)]
    async let first = bench.store.record(Array(batches[0]))
    async let second = bench.store.record(Array(batches[1]))
    _ = try await (first, second)
  }

  private func isWritten(_ document: SavedDocument) -> Bool {
    guard size.isUnbroken else { return crew.chance(of: 6) == 0 }
    guard document.newest > 0 else { return true }
    // As late as it may be: the next round would come when its time is over.
    return bench.time.monotonic + Self.round - document.emittedAt >= document.quiet
      || crew.chance(of: 20) == 0
  }

  private mutating func save(_ revision: Int64, of index: Int) -> EventEnvelope {
    let document = documents[index]
    let event = EventEnvelope(
      id: EventID(bench.environment.id()), type: "Saved", occurredAt: bench.time.now, tenant: SeamBench.tenant,
      payload: [
        "document": .string(document.name), "revision": document.value(revision),
        "quiet": .integer(document.quiet.milliseconds), "max_wait": .integer(document.maxWait.milliseconds),
      ])
    saves[event.id] = Save(event: event, document: index)
    unrouted.append(event.id)
    return event
  }

  private mutating func route() async throws {
    note(try await crew.routeAtOnce())
    for id in unrouted {
      guard let save = saves[id], crew.told[Self.job(of: id)] == nil else { continue }
      documents[save.document].arrivals.append(bench.time.now)
    }
    unrouted = []
  }

  private mutating func note(_ happenings: [OrderedCrew.Happening]) {
    for happening in happenings {
      switch happening {
      case .wrote(let job): change(job) { $0.head = job.ordering?.window?.value }
      case .settled(let job, .succeeded):
        change(job) { document in
          document.head = job.ordering?.window?.value
          document.saves += 1
        }
      case .settled(let job, _): change(job) { $0.failures += 1 }
      case .outdated(let job): outdated.insert(job)
      case .granted, .replayed: continue
      }
    }
  }

  private mutating func change(_ job: Job, _ body: (inout SavedDocument) -> Void) {
    if let save = saves[EventID(job.run.rawValue)] { body(&documents[save.document]) }
  }

  private static func job(of event: EventID) -> JobID { JobID("\(event)-\(stage)") }
}

/// What must be so in the end.
extension SavingSimulation {
  private func check() async throws -> Tally {
    var tally = Tally()
    for document in documents {
      let name = document.name
      try expect(document.head, is: document.value(document.newest), "The newest of \(name) is what was kept.")
      try expect(
        document.saves <= document.mostSaves,
        "\(name) was saved \(document.saves) times, and \(document.mostSaves) times at most.")
      if size.isUnbroken { try expect(document.isUnbroken, "\(name) was written without a pause.") }
      tally.saves += document.saves
      tally.failures += document.failures
      tally.mostSaves += document.mostSaves
      tally.heads += 1
    }
    for (id, save) in saves { try await account(for: id, save, in: &tally) }
    try expect(
      tally.saves + tally.superseded + tally.outdated, is: tally.events, "Every save is accounted for.")
    try expect(crew.told.count, is: tally.superseded, "What was superseded was told, and nothing else.")
    try await bench.expectEmpty("All is saved.")
    return tally
  }

  /// From the event by its run to its job, as a person looks.
  private func account(for id: EventID, _ save: Save, in tally: inout Tally) async throws {
    let record = try require(
      try await bench.store.events(id: id, tenant: SeamBench.tenant).first, "The event can be read.")
    let runs = try await bench.store.runs(of: record)
    try expect(runs.map(\.id.rawValue), is: [id.rawValue], "An event has one run, however often it came.")
    let run = try require(runs.first, "The run can be read.")
    let jobs = try await bench.store.jobs(of: run.id)
    try expect(jobs.map(\.id), is: [Self.job(of: id)], "A run has one job.")
    let job = try require(jobs.first, "The job can be read.")
    let outcomes = try await bench.store.attempts(of: job.id).map(\.outcome)
    tally.events += 1
    switch job.standing.state {
    case .succeeded:
      try expect(outcomes.count { $0 == "succeeded" }, is: 1, "A save succeeds once.")
    case .cancelled:
      tally.superseded += 1
      try expect(job.standing.waitingFor, is: JobStanding.supersededWord, "It says why it was ended.")
      try expect(outcomes.count { $0 == "cancelled" }, is: 1, "It ends once.")
      try expect(crew.told[job.id], is: 1, "Its end is told once.")
    default:
      tally.outdated += 1
      try expect(outdated.contains(job.id), "Only what is out of date stays a dead letter.")
      return try expect(run.standing.state, is: .failed, "Its run has failed.")
    }
    try expect(outcomes.last, is: job.standing.state.rawValue.lowercased(), "Nothing happens to it after its end.")
    try expect(run.standing.state, is: .succeeded, "Its run has succeeded.")
  }
}
