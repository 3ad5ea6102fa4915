internal import WorkerKit

extension SeamCheck {
  /// What people and machines ask.
  static let reading = [findsEvents, leadsToJobs, filtersJobs, pagesJobs, keepsEnvelope, keepsRevisions, probes]

  private static let findsEvents = SeamCheck("events are found by id, newest first, over tenants") { bench in
    let events = ["acme", "globex", "initech"].map { bench.event(id: "upload-1", tenant: TenantID($0)) }
    _ = try await bench.store.record(events + [bench.event(id: "upload-2")])
    let found = try await bench.store.events(id: "upload-1", tenant: nil)
    try expect(found.map(\.envelope), is: events.reversed(), "All of the id are found.")
    let sequences = found.map(\.sequence)
    try expect(sequences, is: sequences.sorted(by: >), "The newest comes first.")
    let one = try await bench.store.events(id: "upload-1", tenant: "globex")
    try expect(one.map(\.envelope), is: [events[1]], "A tenant has its own.")
    try expect(one.first?.routedAt, is: nil, "It waits to be routed.")
    try expect(try await bench.store.events(id: "upload-3", tenant: nil), is: [], "What is not there is not found.")
  }

  private static let leadsToJobs = SeamCheck("an event leads to its runs and their jobs") { bench in
    let wanted = try await bench.start(2, stages: ["a", "b"])
    for wanted in wanted {
      let event = try await bench.store.events(id: wanted.event.id, tenant: nil).first
      let runs = try await bench.store.runs(of: try require(event, "The event is found."))
      try expect(runs.map(\.id), is: [wanted.run], "The event's run is found.")
      try expect(runs.first?.event, is: wanted.event.id, "The run names its event.")
      try expect(runs.first?.revision, is: SeamBench.revision, "The run names its revision.")
      let jobs = try await bench.store.jobs(of: wanted.run)
      try expect(jobs.map(\.id), is: wanted.jobs, "The run's jobs are found, in order.")
      try expect(jobs.map(\.stage), is: ["a", "b"], "Each has its stage.")
      try expect(jobs.allSatisfy { $0.tenant == SeamBench.tenant && $0.run == wanted.run }, "Each names its origin.")
    }
    try expect(try await bench.store.run(RunID(bench.environment.id())), is: nil, "An unknown run is not found.")
    try expect(try await bench.store.job(JobID(bench.environment.id())), is: nil, "An unknown job is not found.")
    try expect(try await bench.store.attempts(of: wanted[0].jobs[0]), is: [], "A new job has no history.")
  }

  private static let filtersJobs = SeamCheck("jobs are found by state, tenant, pipeline and stage") { bench in
    var acme = try await bench.start(1, stages: ["a", "b"]).flatMap(\.jobs)
    let leases = try await bench.lease(2).sorted { $0.authority.job < $1.authority.job }
    try expect(leases.map(\.authority.job), is: acme, "The first two are leased.")
    acme += try await bench.start(1, stages: ["a", "b"]).flatMap(\.jobs)
    let globex = try await bench.start(1, stages: ["a"], tenant: "globex").flatMap(\.jobs)
    try await bench.settle([leases[0]])
    try await bench.settle([leases[1]], .broken)
    let cases: [(JobFilter, [JobID])] = [
      (JobFilter(), acme + globex),
      (JobFilter(tenant: "globex"), globex),
      (JobFilter(tenant: "nobody"), []),
      (JobFilter(pipeline: SeamBench.pipeline, stage: "b"), [acme[1], acme[3]]),
      (JobFilter(pipeline: "other"), []),
      (JobFilter(states: [.succeeded]), [acme[0]]),
      (JobFilter(states: [.succeeded, .failed]), [acme[0], acme[1]]),
      (JobFilter(states: [.queued], tenant: SeamBench.tenant, stage: "a"), [acme[2]]),
    ]
    for (filter, wanted) in cases {
      let found = try await bench.store.jobs(filter)
      try expect(found.map(\.id), is: wanted.reversed(), "The filter \(filter) finds its jobs, newest first.")
    }
  }

  private static let pagesJobs = SeamCheck("pages of jobs follow each other without gap or overlap") { bench in
    let jobs = try await bench.start(25).flatMap(\.jobs)
    var (found, filter) = ([JobID](), JobFilter(limit: 10))
    while case let page = try await bench.store.jobs(filter), !page.isEmpty {
      try expect(page.count <= 10, "No page is longer than asked for.")
      found += page.map(\.id)
      try expect(found.count <= jobs.count, "The pages come to an end.")
      filter.before = page.last?.id
      // What comes meanwhile is newer, and on no later page.
      try await bench.start()
    }
    try expect(found, is: jobs.reversed(), "The pages hold every job, newest first.")
  }

  private static let keepsEnvelope = SeamCheck("an event is kept as it was sent") { bench in
    var event = bench.event(id: "Zoë’s \u{1F600} \"upload\" \\ 1")
    event.actor = "user-1"
    event.resource = .init(kind: "object", id: "a/b")
    event.correlationID = "request-1"
    event.traceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event.traceState = "vendor=1"
    event.context = ["user_id": "user-1", "document_id": "d"]
    event.provenance = ["source_ip": "192.0.2.1"]
    event.hops = 3
    event.version = 2
    event.payload = .object(["text": "a\u{0}b", "numbers": .array([1, .double(0.1), .integer(.max)]), "none": .null])
    try expect(try await bench.store.record([event]), is: [.accepted], "Every text can be kept.")
    let kept = try await bench.store.events(id: event.id, tenant: event.tenant).first
    try expect(kept?.envelope, is: event, "Nothing of it is lost.")
    try expect(kept?.recordedAt, is: bench.time.now, "It says when it was recorded.")
    let (run, job) = (RunID(bench.environment.id()), JobID(bench.environment.id()))
    _ = try await bench.store.route(limit: 1) { [event] routed in
      guard routed == event else { throw PlanFailure() }
      let input = JobInput.unresolved(reference: "event.payload.object_key")
      let new = NewJob(id: job, stage: "work", worker: "checks.work", queue: .standard, input: input)
      return [
        NewRun(id: run, pipeline: "checks", revision: SeamBench.revision, plan: RunPlan(jobs: [new]))
      ]
    }
    let created = try await bench.store.job(job)
    try expect(created?.input, is: .unresolved(reference: "event.payload.object_key"), "An unresolved input is kept.")
    try expect(created?.context, is: event.logFields, "The job carries the event's log fields.")
  }

  private static let keepsRevisions = SeamCheck("revisions stay readable after they are replaced") { bench in
    let first = PipelineRevision(pipeline: "media", hash: "a1", source: "pipeline: media")
    let second = PipelineRevision(pipeline: "media", hash: "a2", source: "pipeline: media # 2")
    let other = PipelineRevision(pipeline: "export", hash: "b1", source: "pipeline: export")
    try expect(try await bench.store.activeRevisions(), is: [], "Nothing is active in a new store.")
    let one = try await bench.store.activate([first, other])
    try expect(try await bench.store.activate([other, first]), is: one, "Activating what is active changes nothing.")
    try expect(try await bench.store.activeRevisions(), is: [other, first], "The active ones come by name.")
    let two = try await bench.store.activate([second])
    try expect(two > one, "Activations are numbered.")
    try expect(try await bench.store.activeRevisions(), is: [second], "What is not named is no longer active.")
    let found = try await bench.store.revisions(["a1", "b1", "zz"])
    try expect(Set(found), is: [first, other], "Revisions are found by hash, as far as there are such.")
    try expect(try await bench.store.activate([first, other]) > two, "Going back is an activation too.")
  }

  private static let probes = SeamCheck("a probe leaves nothing behind") { bench in
    for _ in 0..<3 { try await bench.store.probe() }
    try expect(try await bench.store.jobs(JobFilter()), is: [], "There are no jobs.")
    try expect(try await bench.store.unroutedCount(), is: 0, "There are no events.")
    try await bench.expectEmpty("Nothing was done.")
  }
}
