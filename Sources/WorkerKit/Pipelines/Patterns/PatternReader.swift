/// Reads patterns from YAML.
///
/// The combinations that `$or`s stand for are counted before they are made, so that no file costs more than its bounds.
enum PatternReader {
  /// The leaves of each alternative.
  typealias Combinations = [[PatternRequirement]]

  /// Reads a pattern for an object: a mapping. What is wrong with it goes to `problems`; nil where something is.
  static func root(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> Pattern? {
    guard case .map = value.content else {
      problems.note(.invalidPattern, at: value.place, "\(path) must be a mapping, not \(value.kind)")
      return nil
    }
    guard let combinations = read(value, at: [], path: path, into: &problems) else { return nil }
    return Pattern(combinations)
  }

  /// The keys of a pattern for an object, those in its `$or`s among them.
  static func fields(_ value: YAMLValue?) -> [Placed<String>] {
    guard case .map(let members)? = value?.content else { return [] }
    return members.flatMap { member in
      guard member.key == or else { return [Placed(member.key, at: member.place)] }
      guard case .list(let items) = member.value.content else { return [] }
      return items.flatMap { fields($0) }
    }
  }

  static let or = "$or"

  private static func read(
    _ value: YAMLValue, at keys: [String], path: String, into problems: inout ProblemList
  ) -> Combinations? {
    switch value.content {
    case .map(let members):
      return object(members, at: keys, path: path, place: value.place, into: &problems)
    case .list(let items):
      guard let tests = PatternTestReader.tests(items, path: path, at: value.place, into: &problems) else { return nil }
      return Pattern.leaf(tests).combinations.map { $0.map { PatternRequirement(path: keys, tests: $0.tests) } }
    case .scalar(let text, _):
      problems.note(
        .invalidPattern, at: value.place, "\(path) must be a list of values and operators", hint: "write [\(text)]")
      return nil
    }
  }

  private static func object(
    _ members: [YAMLMember], at keys: [String], path: String, place: Place, into problems: inout ProblemList
  ) -> Combinations? {
    guard !members.isEmpty else {
      problems.note(.invalidPattern, at: place, "\(path) is an empty mapping, which asks for nothing")
      return nil
    }
    var (parts, count, total) = ([Combinations](), 1, 0)
    for member in members {
      let combinations: Combinations?
      if member.key == or {
        combinations = alternatives(member, at: keys, path: path, into: &problems)
      } else if isMisplaced(member) {
        problems.note(
          .invalidPattern, at: member.place,
          "\(path) has the operator '\(member.key)' outside a list; "
            + "operators look at single values", hint: "write [{ \(member.key): … }]")
        combinations = nil
      } else {
        combinations = read(
          member.value, at: keys + [member.key], path: "\(path).\(member.key)", into: &problems)
      }
      guard let combinations else { continue }
      total = total * combinations.count + combinations.totalLeaves * count
      count *= combinations.count
      guard isWithin(count, total, path: path, at: place, into: &problems) else { return nil }
      parts.append(combinations)
    }
    return parts.count == members.count ? Pattern.product(parts) : nil
  }

  private static func alternatives(
    _ member: YAMLMember, at keys: [String], path: String, into problems: inout ProblemList
  ) -> Combinations? {
    guard case .list(let items) = member.value.content, !items.isEmpty else {
      problems.note(
        .invalidPattern, at: member.value.place, "\(path).$or must be a list of patterns",
        hint: "write $or: [{ a: [1] }, { b: [2] }]")
      return nil
    }
    var all: Combinations? = []
    for (index, item) in items.enumerated() {
      guard case .map = item.content else {
        problems.note(
          .invalidPattern, at: item.place, "\(path).$or[\(index)] must be a mapping, not \(item.kind)")
        all = nil
        continue
      }
      guard let combinations = read(item, at: keys, path: "\(path).$or[\(index)]", into: &problems), let before = all
      else {
        all = nil
        continue
      }
      let (count, leaves) = (before.count + combinations.count, before.totalLeaves + combinations.totalLeaves)
      guard isWithin(count, leaves, path: path, at: member.place, into: &problems) else { return nil }
      all = before + combinations
    }
    return all
  }

  private static func isWithin(
    _ count: Int, _ leaves: Int, path: String, at place: Place, into problems: inout ProblemList
  ) -> Bool {
    guard count > Pattern.mostAlternatives || leaves > Pattern.mostLeaves else { return true }
    problems.note(
      .invalidPattern, at: place,
      "\(path) stands for more than \(Pattern.mostAlternatives) alternatives, or \(Pattern.mostLeaves) leaves in them",
      hint: "put values of one field into one list, or make several pipelines")
    return false
  }

  /// Whether an operator stands where a key belongs. With a list beside it, most are keys like any other.
  private static func isMisplaced(_ member: YAMLMember) -> Bool {
    guard PatternTestReader.operators.contains(member.key) else { return false }
    switch member.value.content {
    case .scalar: return true
    case .map: return false
    case .list(let items):
      guard member.key == "numeric", case .scalar(let sign, _)? = items.first?.content else { return false }
      return NumericRange.operators.contains(sign)
    }
  }
}

extension PatternReader.Combinations {
  fileprivate var totalLeaves: Int { reduce(0) { $0 + $1.count } }
}
