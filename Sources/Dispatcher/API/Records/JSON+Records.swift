import WorkerKit

extension JSON {
  /// A moment in RFC 3339, or null.
  static func moment(_ moment: Timestamp?) -> JSON { moment.map { .string($0.description) } ?? .null }

  /// A text, or null.
  static func text(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }

  /// Stored JSON; bytes that are none are shown as the text that they are.
  static func stored(_ bytes: [UInt8]?) -> JSON {
    guard let bytes else { return .null }
    return (try? JSONReader.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
  }
}

extension Job {
  /// What a list says about a job.
  var members: [String: JSON] {
    [
      "id": .string(id.rawValue), "run_id": .string(run.rawValue), "tenant_id": .string(tenant.rawValue),
      "pipeline": .string(pipeline.rawValue), "revision": .string(revision.rawValue),
      "stage": .string(stage.rawValue), "worker": .string(worker.rawValue), "queue": .string(queue.rawValue),
      "state": .string(standing.state.rawValue), "fence": .integer(standing.fence.rawValue),
      "attempts": .integer(Int64(standing.attempts)), "losses": .integer(Int64(standing.losses)),
      "created_at": .string(createdAt.description), "due_at": .string(standing.dueAt.description),
      "started_at": .moment(standing.startedAt), "finished_at": .moment(standing.finishedAt),
      "waiting_for": .text(standing.waitingFor), "waiting_reason": .text(standing.waitingReason),
      // Which pause holds it back is told where somebody asks for the job itself.
      "held_by": .null,
      "index": index.map { .integer(Int64($0)) } ?? .null, "priority": .string(priority.rawValue),
      "fingerprint": .text(fingerprint?.description), "output": .stored(output),
      "artifacts": .array(artifacts.map(\.json)), "failure": failure?.json ?? .null,
    ]
  }

  /// What a list says about a job.
  var json: JSON { .object(members) }

  /// Everything about a job.
  func json(attempts: [AttemptRecord], audit: [AuditRecord], under pauses: Pauses) -> JSON {
    var all = held(members, under: pauses)
    switch input {
    case .resolved(let bytes): all["input"] = .stored(bytes)
    case .unresolved(let reference):
      all["input"] = .null
      all["unresolved_reference"] = .string(reference)
    }
    all["context"] = .object(context.mapValues { .string($0) })
    all["holder"] = .text(standing.holder?.rawValue)
    all["keys"] = .object([
      "serial_by": .text(ordering?.serial?.key), "coalesce": .text(ordering?.window?.key),
      "execution": .text(ordering?.execution),
    ])
    all["progress"] =
      progress.map { progress in
        .object([
          "fraction": progress.fraction.map { .double($0) } ?? .null, "message": .text(progress.message),
        ])
      } ?? .null
    all["log"] = .text(progress?.log)
    all["audit"] = .array(audit.map(\.json))
    all["history"] = .array(attempts.map(\.json))
    return .object(all)
  }
}

extension AuditRecord {
  /// What a person did to a job.
  var json: JSON {
    .object([
      "at": .string(at.description), "by": .string(by), "action": .string(action.rawValue),
      "fence": .integer(fence.rawValue), "reason": .string(reason),
    ])
  }
}

extension AttemptRecord {
  /// One line of a job's history.
  var json: JSON {
    .object([
      "fence": .integer(fence.rawValue), "attempt": .integer(Int64(attempt)), "holder": .text(holder?.rawValue),
      "host": .text(host?.rawValue), "started_at": .moment(startedAt), "finished_at": .string(finishedAt.description),
      "outcome": .string(outcome), "failure": failure?.json ?? .null,
    ])
  }
}

extension RunRecord {
  /// What is known of a run beside its stages.
  var members: [String: JSON] {
    [
      "id": .string(id.rawValue), "event_id": .string(event.rawValue), "tenant_id": .string(tenant.rawValue),
      "pipeline": .string(pipeline.rawValue), "revision": .string(revision.rawValue),
      "state": .string(standing.state.rawValue), "created_at": .string(createdAt.description),
      "finished_at": .moment(standing.finishedAt), "replay_id": .text(replay?.rawValue),
      "problems": .array(standing.problems.map { .string($0) }),
    ]
  }
}
