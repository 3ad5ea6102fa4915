/// The JSON Schema (2020-12) of a pipeline file, for editors: keys and types as `PipelineReader` takes them, and the
/// options of each worker. What it cannot say, such as references and cycles, is left to `pipelines check`.
public struct PipelineSchema {
  private let registry: WorkerRegistry

  /// The schema for pipelines that use the workers of `registry`.
  public init(_ registry: WorkerRegistry) { self.registry = registry }

  /// The schema.
  public var json: JSON {
    let described = closed(
      [
        "pipeline": Self.reference("name", "The pipeline's name."),
        "description": ["type": "string", "description": "What it is for."],
        "trigger": Self.trigger,
        "stages": [
          "type": "object", "description": "The stages by name, in any order.", "minProperties": 1,
          "propertyNames": ["allOf": [["$ref": "#/$defs/name"], ["not": ["const": "event"]]]],
          "additionalProperties": ["$ref": "#/$defs/stage"],
        ],
        "emit": ["type": "array", "description": "What it tells.", "items": ["$ref": "#/$defs/emit"]],
      ], required: ["pipeline", "trigger", "stages"])
    guard case .object(var schema) = described else { return described }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Millrace pipeline"
    schema["$defs"] = .object(definitions)
    return .object(schema)
  }

  private var definitions: [String: JSON] {
    var definitions = Self.forms.merging(PatternSchema.definitions) { form, _ in form }
    definitions["stage"] = stage
    definitions["emit"] = Self.emit
    for worker in registry.all { definitions["with.\(worker.name)"] = options(of: worker) }
    return definitions
  }

  private static let forms: [String: JSON] = [
    "name": ["type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"],
    "type": ["type": "string", "pattern": "^[A-Za-z][A-Za-z0-9._-]{0,127}$"],
    "duration": ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"],
    "reference": ["type": "string", "pattern": "\\$\\{[^}]+\\}"],
  ]

  private static let trigger = closed(
    [
      "event": reference("type", "The type of the events that start a run."),
      "match": reference("pattern", "What the event must be like: an event pattern."),
    ], required: ["event"], "What starts a run.")

  private static let emit = closed(
    [
      "event": reference("type", "The type of the event."),
      "after": [
        "type": "array", "description": "The stages that must have succeeded.", "minItems": 1, "uniqueItems": true,
        "items": ["$ref": "#/$defs/name"],
      ],
      "payload": ["description": "What the event carries; references stand for values."],
    ], required: ["event", "after"], "An event that a run emits.")

  private static let retry = closed(
    [
      "attempts": [
        "type": "integer", "description": "Attempts in all, the first included.", "minimum": 1,
        "maximum": .integer(Int64(PipelineLimits.attempts)),
      ],
      "backoff": closed(
        [
          "initial": reference("duration", "The longest wait after the first attempt; it doubles each time."),
          "max": reference("duration", "The longest wait after any attempt."),
        ], required: [], "How long to wait between attempts."),
    ], required: [], "How a failed job is tried again.")

  private var stage: JSON {
    let keys: [String: JSON] = [
      "uses": [
        "description": "The worker that does it.",
        "oneOf": .array(registry.all.map { ["const": .string($0.name.rawValue), "description": .string($0.lead)] }),
      ],
      "needs": [
        "type": "array", "description": "The stages that must have succeeded before.", "uniqueItems": true,
        "items": ["$ref": "#/$defs/name"],
      ],
      "with": ["type": ["object", "null"], "description": "The worker's options."],
      "when": [
        "type": "object", "description": "Patterns by what they look at, event or a stage; skipped unless all match.",
        "additionalProperties": ["$ref": "#/$defs/pattern"],
      ],
      "timeout": Self.reference("duration", "How long an attempt may take."),
      "retry": Self.retry,
      "queue": Self.reference("name", "The queue its jobs wait in."),
    ]
    guard case .object(var stage) = closed(keys, required: ["uses"], "One worker, its options and its policy.") else {
      return [:]
    }
    stage["allOf"] = .array(registry.all.map(choice))
    return .object(stage)
  }

  /// What `with` holds where `uses` names the worker.
  private func choice(_ worker: RegisteredWorker) -> JSON {
    let needsOptions = worker.options.contains(where: \.isRequired)
    var then: [String: JSON] = ["properties": ["with": ["$ref": .string("#/$defs/with.\(worker.name)")]]]
    if needsOptions { then["required"] = ["with"] }
    return [
      "if": ["properties": ["uses": ["const": .string(worker.name.rawValue)]], "required": ["uses"]],
      "then": .object(then),
    ]
  }

  private func options(of worker: RegisteredWorker) -> JSON {
    var properties: [String: JSON] = [:]
    for option in worker.options {
      guard case .object(var schema) = Self.templated(option.schema, orNull: !option.isRequired) else { continue }
      schema["description"] = .string(option.summary)
      schema["default"] = option.standard
      if let example = option.example { schema["examples"] = [example] }
      properties[option.name] = .object(schema)
    }
    return closed(properties, required: worker.options.filter(\.isRequired).map(\.name))
  }

  /// The schema of a value in a file, where a reference may stand for any part of it and null for a default.
  private static func templated(_ schema: JSON, orNull: Bool = false) -> JSON {
    guard case .object(var members) = schema, !members.isEmpty else { return schema }
    for key in ["items", "additionalProperties"] { members[key] = members[key].map { templated($0) } }
    var choices: [JSON] = [.object(members)]
    if members["type"] != "string" { choices.append(["$ref": "#/$defs/reference"]) }
    if orNull { choices.append(["type": "null"]) }
    return choices.count == 1 ? choices[0] : ["anyOf": .array(choices)]
  }

  private static func reference(_ form: String, _ description: String) -> JSON {
    ["$ref": .string("#/$defs/\(form)"), "description": .string(description)]
  }
}

/// The schema of an object with these members and no others.
private func closed(_ properties: [String: JSON], required: [String], _ description: String? = nil) -> JSON {
  var schema: [String: JSON] = [
    "type": "object", "properties": .object(properties), "additionalProperties": false,
  ]
  if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
  schema["description"] = description.map { .string($0) }
  return .object(schema)
}
