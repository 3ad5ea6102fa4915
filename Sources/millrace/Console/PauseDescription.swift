import WorkerKit

/// Queues and pauses as a person reads them.
enum PauseDescription {
  /// What pausing or resuming came to; `known` says what it means that nothing was changed.
  static func answer(_ answer: JSON, known: String) -> String {
    answer.elements("scopes").map { scope in
      let status = scope.cell("status")
      return "\(scope.cell("scope")): \(["known", "missing"].contains(status) ? known : status)"
    }.joined(separator: "\n")
  }

  /// What a person should know of the queue; empty where it knows what is paused.
  static func remark(_ answer: JSON) -> String {
    answer["projected"] == true
      ? "" : "warning: the queue is away; it grants nothing now, and is told of this as soon as it is back"
  }

  /// Pauses as rows.
  static func table(_ pauses: [JSON]) -> String {
    var table = Table("SCOPE", "SINCE", "BY", "REASON")
    for pause in pauses { table.add(pause.cell("scope"), pause.cell("at"), pause.cell("by"), pause.cell("reason")) }
    return table.text
  }

  /// Queues as rows, and what is paused beside them.
  static func queues(_ answer: JSON) -> String {
    let (queues, pauses) = (answer.elements("queues"), answer.elements("pauses"))
    var table = Table("QUEUE", "WAITING", "UNDER WAY", "OLDEST", "PAUSED")
    for queue in queues {
      table.add(
        queue.cell("queue"), queue.cell("waiting"), queue.cell("leased"), age(queue["oldest_seconds"]),
        queue["pause"] == .null ? "-" : "yes")
    }
    let parts = [queues.isEmpty ? "No job waits in any queue." : table.text]
    return (parts + (pauses.isEmpty ? [] : ["paused:\n" + self.table(pauses)])).joined(separator: "\n")
  }

  /// A length of time, as short as it is worth.
  private static func age(_ seconds: JSON?) -> String {
    let length: Double =
      switch seconds {
      case .double(let number)?: number
      case .integer(let number)?: Double(number)
      default: 0
      }
    switch length {
    case ..<0.001: return "-"
    case ..<1: return "\(Int(length * 1000)) ms"
    case ..<120: return "\(Int(length)) s"
    case ..<7200: return "\(Int(length / 60)) min"
    default: return "\(Int(length / 3600)) h"
    }
  }
}
