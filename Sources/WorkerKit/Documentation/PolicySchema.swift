/// The JSON Schema of a policy's keys, on a stage and under `defaults`.
enum PolicySchema {
  /// The keys, each with what it may hold.
  static let keys: [String: JSON] = [
    "queue": referring(to: "name", "The queue its jobs wait in."),
    "priority": [
      "enum": .array(Priority.allCases.map { .string($0.rawValue) }),
      "description": "Which of the queue's jobs go first; normal unless it says otherwise.",
    ],
    "timeout": referring(to: "duration", "How long an attempt may take."),
    "lease": referring(to: "duration", "How long a lease lasts without renewal: 1s to 1h."),
    "retry": retry,
    "fair_by": fairness,
    "limit": limit,
    "serial_by": serial,
    "coalesce": coalesce,
    "batch": batch,
    "execution_key": [
      "type": "array", "description": "What makes two jobs the same work: the one's output serves both.",
      "minItems": 1, "maxItems": .integer(Int64(PipelineLimits.executionKeyParts)),
      "items": ["type": "string", "minLength": 1],
    ],
    "on_failure": closed(
      [
        "event": referring(to: "type", "The type of the event."),
        "payload": ["description": "What the event carries; ${failure.kind}, .code and .message say what went wrong."],
      ], required: ["event"], "The event that tells of a dead letter of the stage."),
    "isolation": isolation,
  ]

  /// The same keys on a stage, where null takes away what `defaults` give.
  static let keysOrNull: [String: JSON] = keys.mapValues { schema in
    guard case .object(var members) = schema else { return schema }
    let description = members.removeValue(forKey: "description")
    var choice: [String: JSON] = ["anyOf": [.object(members), ["type": "null"]]]
    choice["description"] = description
    return .object(choice)
  }

  private static let retry = closed(
    [
      "attempts": bounded("Attempts in all, the first included.", 1...PipelineLimits.attempts),
      "backoff": closed(
        [
          "initial": referring(to: "duration", "The longest wait after the first attempt; it doubles each time."),
          "max": referring(to: "duration", "The longest wait after any attempt."),
        ], required: [], "How long to wait between attempts."),
    ], required: [], "How a failed job is tried again.")

  private static let key: JSON = [
    "type": "string", "minLength": 1, "description": "A text with references to the event.",
  ]

  /// Who takes turns, on a stage, under `defaults` and at the top.
  static let fairness: JSON = [
    "description": "Who takes turns in the queue; the tenant unless it says otherwise.",
    "anyOf": [
      key,
      demanding(
        ["key", "weight"], of: ["weights": ["weight"]],
        closed(
          [
            "key": key,
            "weight": [
              "description": "For how many jobs a turn counts, or with weights what they are looked up by.",
              "anyOf": [
                bounded("The weight.", JobFlow.weights), referring(to: "reference", "What says the weight."),
              ],
            ],
            "weights": [
              "type": "object", "description": "Weights by what weight says; what is not here has 1.",
              "minProperties": 1, "maxProperties": .integer(Int64(PipelineLimits.weights)),
              "additionalProperties": bounded("A weight.", JobFlow.weights),
            ],
          ], required: [])),
    ],
  ]

  private static let limit: JSON = [
    "description": "How much may start, or be under way, for each key.",
    "anyOf": [
      oneLimit,
      [
        "type": "array", "minItems": 1, "maxItems": .integer(Int64(PipelineLimits.limits)), "items": oneLimit,
      ],
    ],
  ]

  private static let oneLimit = demanding(
    ["rate", "concurrency"], of: ["burst": ["rate"]],
    closed(
      [
        "key": ["type": "string", "minLength": 1, "description": "What is counted together; without it, all jobs."],
        "rate": [
          "type": "string", "pattern": "^[0-9]+/[0-9]*(ms|s|m|h|d)$", "examples": ["20/s", "1/10s"],
          "description": "How many may start in a time: at most 10000/s, in 1ms to 1d.",
        ],
        "burst": bounded(
          "How many may start at once after a rest; what comes in 100ms unless it says otherwise.",
          PipelineLimits.bursts),
        "concurrency": bounded("How many may be under way at once.", PipelineLimits.concurrencies),
      ], required: []))

  /// The schema with at least one of these keys, and where one key stands, those that it needs.
  private static func demanding(_ keys: [String], of needs: [String: JSON], _ schema: JSON) -> JSON {
    guard case .object(var members) = schema else { return schema }
    members["anyOf"] = .array(keys.map { ["required": [.string($0)]] })
    members["dependentRequired"] = .object(needs)
    return .object(members)
  }

  private static let serial: JSON = [
    "description": "One at a time and in order, by this key.",
    "anyOf": [
      key,
      closed(
        [
          "key": key,
          "on_dead": [
            "enum": .array(SerialPolicy.OnDead.allCases.map { .string($0.rawValue) }),
            "description": "What a dead letter means for those behind it; skip unless it says otherwise.",
          ],
        ], required: ["key"]),
    ],
  ]

  private static let coalesce = closed(
    [
      "key": key,
      "quiet": referring(to: "duration", "How long nothing must arrive before the newest is worked on: 50ms to 1h."),
      "max_wait": referring(to: "duration", "The longest that a first arrival waits."),
      "newest_by": referring(to: "reference", "What tells the newer from the older: a value of the event."),
    ], required: ["key", "quiet", "max_wait"], "Only the newest of what comes in quick succession, by key.")

  private static let batch = closed(
    [
      "size": bounded("The most jobs in a batch.", PipelineLimits.batchSizes),
      "wait": referring(to: "duration", "The longest that a job waits for others: 0ms to 1m."),
    ], required: ["size"], "How many jobs a batch worker gets at once.")

  private static let isolation = closed(
    [
      "process": ["type": "boolean", "description": "Whether each job runs in a process of its own."],
      "memory": referring(to: "size", "The most address space: 256MiB to 1TiB."),
      "cpu": referring(to: "duration", "The most processor time of a job: 1s to 1d."),
      "files": bounded("The most files open at once.", IsolationPolicy.openFilesRange),
      "file_size": referring(to: "size", "The largest file it may write: 1MiB to 1TiB."),
    ], required: ["process"], "The walls around its jobs.")

  private static func bounded(_ description: String, _ bounds: ClosedRange<Int>) -> JSON {
    [
      "type": "integer", "description": .string(description), "minimum": .integer(Int64(bounds.lowerBound)),
      "maximum": .integer(Int64(bounds.upperBound)),
    ]
  }

  /// The schema of a form of `#/$defs`, with a description.
  static func referring(to form: String, _ description: String) -> JSON {
    ["$ref": .string("#/$defs/\(form)"), "description": .string(description)]
  }

  /// The schema of an object with these members and no others.
  static func closed(_ properties: [String: JSON], required: [String], _ description: String? = nil) -> JSON {
    var schema: [String: JSON] = [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
    schema["description"] = description.map { .string($0) }
    return .object(schema)
  }
}
