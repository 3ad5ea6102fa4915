/// `fair_by`: who takes turns in the stage's queue, and for how many jobs a turn counts.
public struct FairPolicy: Sendable, Hashable {
  /// Who takes turns; nil for the tenant, as where it leads to nothing.
  public let key: Template?
  /// What the weight is looked up by in `weights`, or the weight itself where there are none; nil for 1.
  public let weight: Template?
  /// The weights by what `weight` says, a text; nil where `weight` is the number itself. What is not among them has 1.
  public let weights: [String: Int]?

  /// Describes a policy; without arguments, tenants take turns.
  public init(key: Template? = nil, weight: Template? = nil, weights: [String: Int]? = nil) {
    self.key = key
    self.weight = weight
    self.weights = weights
  }

  /// How many jobs a turn counts for where `weight` has this value; nil where it leads to nothing.
  func weight(_ value: JSON?) -> Int {
    guard let value else { return 1 }
    if let weights { return value.inText.flatMap { weights[$0] } ?? 1 }
    guard case .integer(let number)? = value.inText.map({ CoreSchema.value(of: $0) }) else { return 1 }
    return Int(min(max(number, Int64(JobFlow.weights.lowerBound)), Int64(JobFlow.weights.upperBound)))
  }

  /// The policy in a few words: `turns by ${event.actor_id}`.
  var words: String {
    let turns = "turns by \(key?.words ?? "tenant")"
    return weight.map { "\(turns), weighed by \($0.words)" } ?? turns
  }
}
