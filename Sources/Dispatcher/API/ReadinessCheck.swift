import WorkerKit

/// One thing that the program needs, and how to find out whether it has it.
public struct ReadinessCheck: Sendable {
  public let name: String
  /// Nil when all is well; otherwise a sentence that says what is wrong.
  let problem: @Sendable () async -> String?
  /// What somebody should know although all is well; nil where there is nothing.
  let remark: @Sendable () async -> String?
  /// What a remark makes of a check that has no problem.
  private(set) var remarkedStatus = "ok"

  /// Describes a check. A `remark` is told where there is no problem, and makes nothing unready.
  public init(
    _ name: String, remark: @escaping @Sendable () async -> String? = { nil },
    problem: @escaping @Sendable () async -> String?
  ) {
    self.name = name
    self.remark = remark
    self.problem = problem
  }

  /// The store takes writes.
  static func store(_ store: any JobStore) -> ReadinessCheck {
    ReadinessCheck("store") { await Self.problem { () throws(DriverError) in try await store.probe() } }
  }

  /// The queue answers.
  static func queue(_ queue: any JobQueue) -> ReadinessCheck {
    ReadinessCheck("queue") { await Self.problem { () throws(DriverError) in _ = try await queue.depths() } }
  }

  /// A loop that should never end went round within `limit`.
  public static func pulse(_ name: String, of pulse: Pulse, within limit: Duration = .seconds(15)) -> ReadinessCheck {
    ReadinessCheck(name) {
      guard let age = pulse.age else { return "It has not done a pass yet." }
      return age <= limit ? nil : "It has not done a pass for \(Int(age.inSeconds)) seconds."
    }
  }

  /// What is held back because too much waits: degraded, and ready all the same, since a restart mends nothing.
  public static func pressure(_ pressure: BackPressure) -> ReadinessCheck {
    var check = ReadinessCheck("back-pressure", remark: { pressure.standing.remark }) { nil }
    check.remarkedStatus = "degraded"
    return check
  }

  private static func problem(_ body: () async throws(DriverError) -> Void) async -> String? {
    do throws(DriverError) {
      try await body()
      return nil
    } catch {
      return "\(error.message) (\(error.code))"
    }
  }
}
