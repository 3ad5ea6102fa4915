/// What is known of a child that has ended: the evidence for a verdict on the request it was serving.
public struct ChildDeath: Sendable, Equatable {
  /// How it ended.
  public let ending: ChildEnding
  /// The most physical memory it used, in bytes; nil where that cannot be told.
  ///
  /// A new process starts with its parent's peak on its account (see `setmax_mm_hiwater_rss` in Linux' `exec_mmap`), so
  /// a child that stayed below its parent is known only from samples, taken every tenth of a second while it serves.
  public let peakMemoryBytes: Int?
  /// Processor time over its whole life, user and system, in seconds.
  public let cpuSeconds: Double
  /// The last 16 KiB it wrote to standard error during this request, with invalid UTF-8 repaired.
  ///
  /// Hostile input may have had a hand in it: keep it as evidence for a person, never write it to a log as it is.
  public let stderrTail: String

  /// What a person needs to tell one death from another, as a failure's fields; never what the process wrote, which its
  /// input has shaped.
  public var evidence: [String: String] {
    var fields = ["cpu_seconds": String((cpuSeconds * 1000).rounded() / 1000)]
    fields["peak_memory_bytes"] = peakMemoryBytes.map { String($0) }
    switch ending {
    case .exited(let status): fields["exit_status"] = String(status)
    case .signalled(_, let name): fields["signal"] = name
    case .unreaped: fields["signal"] = "unreaped"
    }
    return fields
  }
}

/// How a child ended.
public enum ChildEnding: Sendable, Equatable {
  /// It exited by itself with this status.
  case exited(status: Int32)
  /// It was ended by a signal: `11, SIGSEGV`.
  case signalled(number: Int32, name: String)
  /// It was sent SIGKILL and the kernel did not let go of it within ten seconds.
  case unreaped

  /// Reads what wait4(2) reports.
  init(waitStatus: Int32) {
    let signal = waitStatus & 0x7f
    self =
      signal == 0
      ? .exited(status: waitStatus >> 8 & 0xff)
      : .signalled(number: signal, name: SignalName.name(of: signal))
  }
}
