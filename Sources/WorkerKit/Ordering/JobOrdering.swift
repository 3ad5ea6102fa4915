/// What orders a job among others of its stage, as the plan that made it says. Most jobs have none.
public struct JobOrdering: Sendable, Hashable {
  /// Whose turn it takes.
  public var serial: Serial?
  /// Which window it falls into.
  public var window: Window?
  /// What makes it the same work as another job of its tenant.
  public var execution: String?
  /// Whose turn it takes in its queue, and what limits it: the queue's business, which orders nothing.
  public var flow: JobFlow?

  /// True where the job is ordered among others; false where it has only a flow of its own.
  public var orders: Bool { serial != nil || window != nil || execution != nil }

  /// A place in a line of jobs that are worked on one at a time.
  public struct Serial: Sendable, Hashable {
    public let key: String
    /// What a dead letter means for those behind it.
    public let onDead: SerialPolicy.OnDead

    /// Names a line.
    public init(key: String, onDead: SerialPolicy.OnDead = .skip) {
      self.key = key
      self.onDead = onDead
    }
  }

  /// An arrival in a window in which only the newest counts.
  public struct Window: Sendable, Hashable {
    public let key: String
    public let quiet: Duration
    public let maxWait: Duration
    /// What tells newer from older; nil for the order of arrival.
    public let value: JSON?

    /// Describes an arrival.
    public init(key: String, quiet: Duration, maxWait: Duration, value: JSON? = nil) {
      self.key = key
      self.quiet = quiet
      self.maxWait = maxWait
      self.value = value
    }
  }

  /// Orders a job; without arguments, not at all.
  public init(
    serial: Serial? = nil, window: Window? = nil, execution: String? = nil, flow: JobFlow? = nil
  ) {
    self.flow = flow
    self.serial = serial
    self.window = window
    self.execution = execution
  }
}

extension JobOrdering {
  /// The ordering as stores keep it.
  public var json: JSON {
    var object: [String: JSON] = [:]
    if let serial {
      object["serial"] = ["key": .string(serial.key), "on_dead": .string(serial.onDead.rawValue)]
    }
    if let window {
      var members: [String: JSON] = [
        "key": .string(window.key), "quiet": .integer(window.quiet.milliseconds),
        "max_wait": .integer(window.maxWait.milliseconds),
      ]
      members["value"] = window.value
      object["window"] = .object(members)
    }
    object["execution"] = execution.map { .string($0) }
    object["flow"] = flow?.json
    return .object(object)
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  public init?(json: JSON) {
    guard case .object(let object) = json else { return nil }
    if let serial = object["serial"] {
      guard case .string(let key)? = serial["key"], case .string(let word)? = serial["on_dead"],
        let onDead = SerialPolicy.OnDead(rawValue: word)
      else { return nil }
      self.serial = Serial(key: key, onDead: onDead)
    }
    if let window = object["window"] {
      guard case .string(let key)? = window["key"], case .integer(let quiet)? = window["quiet"],
        case .integer(let maxWait)? = window["max_wait"]
      else { return nil }
      self.window = Window(
        key: key, quiet: .milliseconds(quiet), maxWait: .milliseconds(maxWait), value: window["value"])
    }
    if case .string(let execution)? = object["execution"] { self.execution = execution }
    flow = object["flow"].flatMap { JobFlow(json: $0) }
  }
}

extension JobOrdering? {
  /// True for a job that is ordered among others.
  public var orders: Bool { self?.orders ?? false }
}
