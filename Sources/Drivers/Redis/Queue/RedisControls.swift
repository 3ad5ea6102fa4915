import WorkerKit

/// What is paused and limited, as the functions take it.
struct RedisControls: Sendable {
  let text: String
  let version: Int64

  /// The two arguments of every function that takes controls.
  var arguments: [String] { [text, String(version)] }

  /// What the server kept.
  init(text: String, version: Int64) {
    self.text = text
    self.version = version
  }

  /// Writes controls: of each limit interval, tolerance and slots, nothing for what it does not bound.
  init(_ controls: QueueControls) {
    let limits = controls.limits.map { name, rule in
      let rate = rule.rate.map { "\($0.interval):\($0.tolerance)" } ?? ":"
      return (name.rawValue, JSON.string("\(rate):\(rule.concurrency.map(String.init) ?? "")"))
    }
    let paused = controls.paused.map { JSON.string($0.description) }
    var members: [String: JSON] = [:]
    if !limits.isEmpty { members["limits"] = .object(Dictionary(uniqueKeysWithValues: limits)) }
    if !paused.isEmpty { members["paused"] = .array(paused) }
    self.init(text: JSON.object(members).text(), version: controls.version)
  }
}

extension Lane {
  /// The lane as the functions read it; what is usual is left out.
  var redisText: String {
    var fields: [JSON] = [.string(tenant.rawValue), .string(pipeline.rawValue), .string(stage.rawValue)]
    if fairKey != tenant.rawValue || weight != 1 || !limits.isEmpty {
      fields += [.string(fairKey), .integer(Int64(weight))]
    }
    if !limits.isEmpty {
      fields.append(.array(limits.map { [.string($0.limit.rawValue), .string($0.key)] }))
    }
    return JSON.array(fields).text()
  }
}
