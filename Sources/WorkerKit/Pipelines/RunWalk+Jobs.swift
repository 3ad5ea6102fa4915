import Crypto

/// Making a stage's jobs.
extension RunWalk {
  /// The job of a stage, or of one element of its list.
  func job(
    for stage: Stage, index: Int? = nil, locals: [String: JSON] = [:], facts: inout RunFacts
  ) throws(DriverError) -> NewJob {
    var input = try stage.with.resolve { reference throws(DriverError) in
      try facts.value(of: reference, locals: locals)
    }
    let ordering: JobOrdering?
    switch try self.ordering(of: stage, locals: locals, facts: &facts) {
    case .success(let found): ordering = found
    case .failure(let missing): (ordering, input) = (nil, .unresolved(reference: missing.reference.description))
    }
    var job = NewJob(
      id: JobID(run: run, stage: stage.name, index: index), stage: stage.name, worker: stage.worker,
      queue: planner.queue(of: stage), input: input)
    job.index = index
    job.priority = stage.policy.priority ?? .normal
    job.lease = stage.policy.lease
    job.ordering = ordering
    return job
  }

  /// A reference that leads to nothing.
  struct Missing: Error {
    let reference: Reference
  }

  /// What orders a stage's job among others, or a reference in it that leads to nothing.
  private func ordering(
    of stage: Stage, locals: [String: JSON], facts: inout RunFacts
  ) throws(DriverError) -> Result<JobOrdering?, Missing> {
    var ordering = JobOrdering()
    do {
      if let serial = stage.policy.serialBy {
        ordering.serial = .init(key: try text(serial.key, locals: locals, facts: &facts), onDead: serial.onDead)
      }
      if let coalesce = stage.policy.coalesce {
        ordering.window = .init(
          key: try text(coalesce.key, locals: locals, facts: &facts), quiet: coalesce.quiet, maxWait: coalesce.maxWait,
          value: try coalesce.newestBy.flatMap { try facts.value(of: $0, locals: locals) })
      }
      if let fields = stage.policy.executionKey {
        var parts = [stage.worker.rawValue]
        for field in fields { parts.append(try text(field, locals: locals, facts: &facts)) }
        let joined = JSON.array(parts.map { .string($0) }).bytes()
        ordering.execution = SHA256.hash(data: joined).hexadecimal
      }
      ordering.flow = try flow(of: stage, locals: locals, facts: &facts)
    } catch let missing as Missing {
      return .failure(missing)
    } catch let error as DriverError {
      throw error
    } catch {
      return .success(nil)
    }
    return .success(ordering == JobOrdering() ? nil : ordering)
  }

  /// A resolved value as a text: what it says where it is one, else its JSON.
  func text(_ template: Template, locals: [String: JSON] = [:], facts: inout RunFacts) throws -> String {
    switch try template.resolved({ reference throws(DriverError) in try facts.value(of: reference, locals: locals) }) {
    case .value(.string(let text)): return text
    case .value(let value): return value.text()
    case .missing(let reference): throw Missing(reference: reference)
    }
  }
}
