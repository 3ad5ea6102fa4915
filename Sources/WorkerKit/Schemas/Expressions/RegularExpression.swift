/// A regular expression of ECMA-262 that is matched in time linear in the text's length: no text makes it slow.
///
/// What is not supported is refused when it is read: look-around, back-references, and `\p{…}` for anything but
/// general categories. A match may begin and end anywhere in the text unless `^` and `$` say otherwise.
struct RegularExpression: Sendable, Hashable, CustomStringConvertible {
  /// The text that it was read from.
  let source: String
  private let program: ExpressionProgram

  /// The longest expression, in characters.
  static let mostCharacters = 1000

  /// - Throws: An `ExpressionError` that says what is wrong and where.
  init(_ source: String) throws(ExpressionError) {
    guard source.unicodeScalars.count <= Self.mostCharacters else {
      throw ExpressionError(message: "the expression has more than \(Self.mostCharacters) characters", column: 1)
    }
    self.source = source
    program = try ExpressionProgram(ExpressionReader.read(source))
  }

  var description: String { source }

  static func == (left: RegularExpression, right: RegularExpression) -> Bool {
    left.source.utf8.elementsEqual(right.source.utf8)
  }

  func hash(into hasher: inout Hasher) { hasher.combine(source) }

  /// Whether it matches somewhere in `text`. Takes what it costs from `work`; nil when that runs out.
  func matches(_ text: String, work: inout Int) -> Bool? {
    var matcher = ExpressionMatcher(program, scalars: Array(text.unicodeScalars))
    return matcher.run(work: &work)
  }
}

/// Follows all ways through a program at once, one scalar after the other.
private struct ExpressionMatcher {
  private let steps: [ExpressionProgram.Step]
  private let scalars: [Unicode.Scalar]
  /// The place for which a step was last reached; each is followed once at each place.
  private var reached: [Int]
  private var waiting: [Int] = []
  private var hasMatched = false

  init(_ program: ExpressionProgram, scalars: [Unicode.Scalar]) {
    steps = program.steps
    self.scalars = scalars
    reached = Array(repeating: -1, count: program.steps.count)
  }

  mutating func run(work: inout Int) -> Bool? {
    work -= steps.count / 8 + 1
    var before: [Int] = []
    for place in 0...scalars.count {
      waiting.removeAll(keepingCapacity: true)
      if place > 0 {
        for step in before {
          guard case .one(let set) = steps[step] else { continue }
          work -= set.cost
          if set.contains(scalars[place - 1]) { follow(from: step + 1, at: place, work: &work) }
        }
      }
      follow(from: 0, at: place, work: &work)
      if hasMatched { return true }
      guard work > 0 else { return nil }
      swap(&before, &waiting)
    }
    return false
  }

  /// Reaches all steps that take no scalar; those that take one wait for the next.
  private mutating func follow(from first: Int, at place: Int, work: inout Int) {
    var open = [first]
    while let step = open.popLast(), !hasMatched {
      guard reached[step] != place else { continue }
      reached[step] = place
      work -= 1
      switch steps[step] {
      case .one: waiting.append(step)
      case .start: if place == 0 { open.append(step + 1) }
      case .end: if place == scalars.count { open.append(step + 1) }
      case .edge(let isEdge): if isEdge == self.isEdge(place) { open.append(step + 1) }
      case .jump(let target): open.append(target)
      case .split(let left, let right): open += [right, left]
      case .match: hasMatched = true
      }
    }
  }

  private func isEdge(_ place: Int) -> Bool {
    let before = place > 0 && ScalarSet.word.contains(scalars[place - 1])
    let after = place < scalars.count && ScalarSet.word.contains(scalars[place])
    return before != after
  }
}
