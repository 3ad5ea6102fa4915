public import WorkerKit

/// The option `callback` of a stage of `http.call`: the service may take its time, and calls back.
public struct LaterAnswer: OptionValue, Hashable {
  /// How long the answer may take, from the response that promises it.
  public let timeout: Duration

  /// The times that an answer can be given.
  static let times = Duration.seconds(1)...AwaitCallback.longest

  /// Reads `{ timeout: 1h }`, from 1 s to 30 days.
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> LaterAnswer {
    guard case .object(let members) = json, case .string(let text)? = members["timeout"], members.count == 1 else {
      throw OptionProblem(option: option, message: "must be a mapping of timeout, like { timeout: 1h }")
    }
    guard let timeout = DurationText.read(text), times.contains(timeout) else {
      throw OptionProblem(option: "\(option).timeout", message: "must be a length of time from 1s to 30d, like 10m")
    }
    return LaterAnswer(timeout: timeout)
  }

  /// `{"timeout":…}`.
  public var optionJSON: JSON { ["timeout": .string(DurationText.write(timeout))] }

  /// An object of the one text.
  public static var schema: JSON {
    let text: JSON = ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"]
    return [
      "type": "object", "properties": ["timeout": text], "required": ["timeout"], "additionalProperties": text,
      "maxProperties": 1,
    ]
  }
}
