extension IsolatedWork {
  /// The work as it travels to another process.
  public var json: JSON {
    .object([
      "worker": .string(worker.rawValue), "input": input, "job": .string(job.rawValue), "run": .string(run.rawValue),
      "tenant": .string(tenant.rawValue), "pipeline": .string(pipeline.rawValue), "stage": .string(stage.rawValue),
      "attempt": .integer(Int64(attempt)), "epoch": .integer(authority.epoch.rawValue),
      "fence": .integer(authority.fence.rawValue), "holder": .string(authority.holder.rawValue),
      "log_fields": .object(logFields.mapValues { .string($0) }), "deadline_ms": .integer(deadline.milliseconds),
    ])
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard let input = json["input"], case .string(let worker)? = json["worker"], case .string(let job)? = json["job"],
      case .string(let run)? = json["run"], case .string(let tenant)? = json["tenant"],
      case .string(let pipeline)? = json["pipeline"], case .string(let stage)? = json["stage"],
      case .integer(let attempt)? = json["attempt"], case .integer(let epoch)? = json["epoch"],
      case .integer(let fence)? = json["fence"], case .string(let holder)? = json["holder"],
      case .object(let fields)? = json["log_fields"], case .integer(let deadline)? = json["deadline_ms"]
    else { return nil }
    var logFields: [String: String] = [:]
    for case (let key, .string(let value)) in fields { logFields[key] = value }
    self.init(
      worker: WorkerName(worker), input: input, job: JobID(job), run: RunID(run), tenant: TenantID(tenant),
      pipeline: PipelineName(pipeline), stage: StageName(stage), attempt: Int(attempt),
      authority: Authority(
        job: JobID(job), epoch: Epoch(rawValue: epoch), fence: Fence(rawValue: fence), holder: Holder(holder)),
      logFields: logFields, deadline: .milliseconds(deadline))
  }
}
