import WorkerKit

/// What a process says of one job: a byte that tells whether it may be used again, and the rest as JSON.
struct IsolationAnswer: Sendable {
  let result: AttemptResult
  let lines: [IsolatedLogLine]

  /// The answer as it travels.
  func bytes(keepingChild keeps: Bool) -> [UInt8] {
    var object: [String: JSON] = ["lines": .array(lines.map(\.json))]
    switch result {
    case .returned(let output, let artifacts):
      object["output"] = (try? JSONReader.parse(output)) ?? .null
      object["artifacts"] = .array(artifacts.map(\.json))
    case .failed(let failure):
      object["failure"] = failure.json
      object["retry_after_ms"] = failure.retryAfter.map { .integer($0.milliseconds) }
    // Nothing waits for a callback in a process of its own: `IsolatedWork.perform` says so.
    case .cancelled, .awaits: break
    }
    return [keeps ? 1 : 0] + JSON.object(object).bytes()
  }

  /// Whether the process that gave this answer may be used again.
  static func keepsChild(_ bytes: [UInt8]) -> Bool { bytes.first == 1 }

  /// Reads an answer; nil where the bytes are something else.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSONReader.parse(Array(bytes.dropFirst())), case .array(let lines)? = json["lines"] else {
      return nil
    }
    self.lines = lines.compactMap(IsolatedLogLine.init(json:))
    if let output = json["output"], case .array(let artifacts)? = json["artifacts"] {
      result = .returned(output: output.bytes(), artifacts: artifacts.compactMap(Artifact.init(json:)))
    } else if let failure = json["failure"].flatMap(Failure.init(json:)) {
      var wait: Duration?
      if case .integer(let milliseconds)? = json["retry_after_ms"] { wait = .milliseconds(milliseconds) }
      result = .failed(
        Failure(failure.kind, failure.code, failure.message, fields: failure.fields, retryAfter: wait))
    } else {
      result = .cancelled
    }
  }

  init(result: AttemptResult, lines: [IsolatedLogLine]) {
    self.result = result
    self.lines = lines
  }
}
