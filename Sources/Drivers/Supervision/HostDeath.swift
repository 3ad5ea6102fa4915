import ProcessDriver
public import WorkerKit

/// How a worker host died, as its supervisor saw it.
public struct HostDeath: Sendable, Hashable {
  /// When it was seen.
  public let at: Timestamp
  /// The host's process number.
  public let process: Int32
  /// The signal that ended it, `SIGKILL`; nil where it exited.
  public let signal: String?
  /// The code it exited with; nil where a signal ended it.
  public let exitStatus: Int?
  /// The most physical memory that it had, in bytes; nil where it never had more than its supervisor.
  public let peakMemoryBytes: Int?
  /// How long it lived.
  public let lifetime: Duration
  /// How often its supervisor had started another before.
  public let restarts: Int
  /// What it worked on, in the supervisor's words: its queues.
  public let label: String

  /// Describes the death of a process that a supervisor has started.
  init(_ death: ChildDeath, of process: Int32, at moment: Timestamp, lifetime: Duration, restarts: Int, label: String) {
    at = moment
    self.process = process
    switch death.ending {
    case .exited(let status): (signal, exitStatus) = (nil, Int(status))
    case .signalled(_, let name): (signal, exitStatus) = (name, nil)
    case .unreaped: (signal, exitStatus) = ("unreaped", nil)
    }
    peakMemoryBytes = death.peakMemoryBytes
    self.lifetime = lifetime
    self.restarts = restarts
    self.label = label
  }

  /// The death as it is kept and shown.
  public var json: JSON {
    var object: [String: JSON] = [
      "at": .string(at.description), "process": .integer(Int64(process)),
      "lifetime_ms": .integer(lifetime.milliseconds), "restarts": .integer(Int64(restarts)), "queues": .string(label),
    ]
    object["signal"] = signal.map { .string($0) }
    object["exit_status"] = exitStatus.map { .integer(Int64($0)) }
    object["peak_memory_bytes"] = peakMemoryBytes.map { .integer(Int64($0)) }
    return .object(object)
  }
}
