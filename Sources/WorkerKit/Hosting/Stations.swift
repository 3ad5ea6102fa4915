/// Where the jobs of one grant are done: looked up once for neighbours of one stage.
struct Stations {
  /// What does a stage's jobs.
  struct Station {
    let stage: Stage
    let worker: RegisteredWorker
  }

  private let services: HostServices
  private var last: (revision: RevisionHash, stage: StageName, worker: WorkerName, station: Station)?

  init(_ services: HostServices) { self.services = services }

  /// Nil where this host lacks the job's revision or its worker.
  mutating func station(of job: Job) -> Station? {
    if let last, last.stage == job.stage, last.worker == job.worker, last.revision == job.revision {
      return last.station
    }
    guard let stage = services.library.pipeline(job.revision)?.stage(job.stage),
      let worker = services.registry.worker(job.worker)
    else { return nil }
    let station = Station(stage: stage, worker: worker)
    last = (job.revision, job.stage, job.worker, station)
    return station
  }

  /// What the host lacks for a job without a station, as the job's standing names it.
  func missing(for job: Job) -> String {
    services.library.pipeline(job.revision)?.stage(job.stage) == nil ? "revision" : "worker"
  }
}
