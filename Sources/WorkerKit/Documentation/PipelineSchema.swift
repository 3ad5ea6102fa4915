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
        "pipeline": PolicySchema.referring(to: "name", "The pipeline's name."),
        "description": ["type": "string", "description": "What it is for."],
        "trigger": Self.trigger,
        "fair_by": PolicySchema.fairness,
        "defaults": closed(
          PolicySchema.keys, required: [], "The policy of every stage, key by key, unless the stage gives the key."),
        "stages": [
          "type": "object", "description": "The stages by name, in any order.", "minProperties": 1,
          "propertyNames": ["$ref": "#/$defs/free"],
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
    "free": [
      "description": "A name that stands for nothing else in references.",
      "allOf": [
        ["$ref": "#/$defs/name"],
        ["not": ["enum": .array(PipelineReader.reserved.keys.sorted().map { .string($0) })]],
      ],
    ],
    "size": ["type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB|TiB)$"],
    "duration": ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"],
    "reference": ["type": "string", "pattern": "\\$\\{[^}]+\\}"],
  ]

  private static var trigger: JSON {
    let keys = closed(
      [
        "event": PolicySchema.referring(to: "type", "The type of the events that start a run."),
        "match": PolicySchema.referring(to: "pattern", "What the event must be like: an event pattern."),
        "cron": [
          "type": "string", "description": "Minute, hour, day of the month, month, day of the week.",
          "examples": ["0 3 * * *"],
        ],
        "time_zone": [
          "type": "string", "description": "A name of the IANA time zone database.", "default": "UTC",
          "examples": ["Europe/Berlin"],
        ],
      ], required: [], "What starts a run: an event, or a time of the calendar.")
    guard case .object(var trigger) = keys else { return keys }
    trigger["oneOf"] = [["required": ["event"]], ["required": ["cron"]]]
    trigger["dependentRequired"] = ["match": ["event"], "time_zone": ["cron"]]
    return .object(trigger)
  }

  private static let emit = closed(
    [
      "event": PolicySchema.referring(to: "type", "The type of the event."),
      "after": [
        "type": "array", "description": "The stages that must have succeeded.", "minItems": 1, "uniqueItems": true,
        "items": ["$ref": "#/$defs/name"],
      ],
      "payload": ["description": "What the event carries; references stand for values."],
    ], required: ["event", "after"], "An event that a run emits.")

  private static let join: JSON = [
    "type": "object", "description": "For needs, the ends that count. A need that is not here must succeed.",
    "propertyNames": ["$ref": "#/$defs/name"],
    "additionalProperties": [
      "type": "array", "minItems": 1, "uniqueItems": true,
      "items": ["enum": .array(NeedEnd.allCases.map { .string($0.rawValue) })],
    ],
  ]

  private static let each = closed(
    [
      "in": PolicySchema.referring(to: "reference", "What stands for the list."),
      "as": PolicySchema.referring(to: "free", "The name of an element in references; item unless it says otherwise."),
      "parallel": [
        "type": "integer", "description": "How many of its jobs may be live at once in a run.", "minimum": 1,
        "maximum": .integer(Int64(Fanout.elements)),
      ],
    ], required: ["in"], "One job for each element of a list.")

  private var stage: JSON {
    let keys: [String: JSON] = [
      "uses": [
        "description": "The worker that does it.",
        "oneOf": .array(registry.all.map { ["const": .string($0.name.rawValue), "description": .string($0.lead)] }),
      ],
      "needs": [
        "type": "array", "uniqueItems": true,
        "description": "The stages that must have ended before, with success unless join says otherwise.",
        "items": ["$ref": "#/$defs/name"],
      ],
      "with": ["type": ["object", "null"], "description": "The worker's options."],
      "when": [
        "type": "object", "description": "Patterns by what they look at, event or a stage; skipped unless all match.",
        "additionalProperties": ["$ref": "#/$defs/pattern"],
      ],
      "join": Self.join,
      "each": Self.each,
    ]
    let all = keys.merging(PolicySchema.keysOrNull) { key, _ in key }
    guard case .object(var stage) = closed(all, required: ["uses"], "One worker, its options and its policy.") else {
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
}

private func closed(_ properties: [String: JSON], required: [String], _ description: String? = nil) -> JSON {
  PolicySchema.closed(properties, required: required, description)
}
