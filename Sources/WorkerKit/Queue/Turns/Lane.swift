/// What decides whose turn a waiting job is, and what may hold it back. Jobs of a queue with equal lanes are granted in
/// the order of their due times; lanes take turns.
public struct Lane: Hashable, Sendable {
  public let tenant: TenantID
  public let pipeline: PipelineName
  public let stage: StageName
  /// Who takes turns with whom: the tenant, or what `fair_by` says.
  public let fairKey: String
  /// How many jobs one turn of the fair key counts for; from 1 on.
  public let weight: Int
  /// Under which limits its jobs are counted.
  public let limits: [LimitKey]

  /// The lane of a stage's job; `flow` says what is not as usual.
  public init(tenant: TenantID, pipeline: PipelineName, stage: StageName, flow: JobFlow? = nil) {
    self.tenant = tenant
    self.pipeline = pipeline
    self.stage = stage
    fairKey = flow?.fairKey ?? tenant.rawValue
    weight = flow?.weight ?? 1
    limits = flow?.limits ?? []
  }

  /// The lane of jobs of which nothing is known.
  public static let unnamed = Lane(tenant: "", pipeline: "", stage: "")
}

/// What a stage's policy says of a job's turns and limits, with the values of its event. Nil where it says nothing:
/// tenants take turns, and nothing is limited.
public struct JobFlow: Hashable, Sendable {
  /// Who takes turns; nil for the tenant.
  public var fairKey: String?
  /// How many jobs one turn counts for.
  public var weight: Int
  /// Under which limits the job is counted.
  public var limits: [LimitKey]

  /// The weights that a fair key may have.
  public static let weights = 1...1000

  /// Describes a job's flow; a weight out of bounds becomes the nearest within.
  public init(fairKey: String? = nil, weight: Int = 1, limits: [LimitKey] = []) {
    self.fairKey = fairKey
    self.weight = min(max(weight, Self.weights.lowerBound), Self.weights.upperBound)
    self.limits = limits
  }
}

/// What one limit counts together.
public struct LimitKey: Hashable, Sendable {
  public let limit: LimitName
  public let key: String

  /// Names what is counted.
  public init(_ limit: LimitName, _ key: String) {
    self.limit = limit
    self.key = key
  }
}

/// A limit's name: its pipeline, stage and place, `media/tell/0`.
public struct LimitName: TextName {
  public let rawValue: String
  public init(rawValue: String) { self.rawValue = rawValue }

  /// The name of a stage's limit, counted from 0.
  public init(_ pipeline: PipelineName, _ stage: StageName, _ place: Int) {
    self.init(rawValue: "\(pipeline)/\(stage)/\(place)")
  }
}

extension JobFlow {
  /// The flow as stores keep it.
  var json: JSON {
    var members: [String: JSON] = [:]
    members["by"] = fairKey.map { .string($0) }
    if weight != 1 { members["weight"] = .integer(Int64(weight)) }
    if !limits.isEmpty {
      members["limits"] = .array(limits.map { [.string($0.limit.rawValue), .string($0.key)] })
    }
    return .object(members)
  }

  /// Reads back what `json` wrote; nil where the value is something else.
  init?(json: JSON) {
    guard case .object(let members) = json else { return nil }
    self.init()
    if case .string(let key)? = members["by"] { fairKey = key }
    if case .integer(let number)? = members["weight"] { weight = Int(number) }
    guard case .array(let items)? = members["limits"] else { return }
    limits = items.compactMap { item in
      guard case .array(let parts) = item, parts.count == 2, case .string(let name) = parts[0],
        case .string(let key) = parts[1]
      else { return nil }
      return LimitKey(LimitName(name), key)
    }
  }
}
