/// A regular expression as steps between which a matcher moves, all ways at once
/// (K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968).
struct ExpressionProgram: Sendable {
  enum Step: Sendable {
    case one(ScalarSet)
    case start
    case end
    case edge(Bool)
    case jump(Int)
    case split(Int, Int)
    case match
  }

  private(set) var steps: [Step] = []

  /// The most steps; counted repetitions are written out.
  static let mostSteps = 4000

  init(_ node: ExpressionNode) throws(ExpressionError) {
    try add(node)
    try append(.match)
  }

  private mutating func append(_ step: Step) throws(ExpressionError) {
    guard steps.count < Self.mostSteps else {
      throw ExpressionError(message: "with its repetitions written out, the expression is too long", column: 1)
    }
    steps.append(step)
  }

  private mutating func add(_ node: ExpressionNode) throws(ExpressionError) {
    switch node {
    case .one(let set): try append(.one(set))
    case .start: try append(.start)
    case .end: try append(.end)
    case .edge(let isEdge): try append(.edge(isEdge))
    case .sequence(let nodes): for node in nodes { try add(node) }
    case .choice(let branches): try add(choice: branches)
    case .repeated(let node, let least, let most): try add(node, least: least, most: most)
    }
  }

  private mutating func add(choice branches: [ExpressionNode]) throws(ExpressionError) {
    var exits: [Int] = []
    for (index, branch) in branches.enumerated() {
      let split = steps.count
      if index < branches.count - 1 { try append(.split(split + 1, split)) }
      try add(branch)
      guard index < branches.count - 1 else { break }
      exits.append(steps.count)
      try append(.jump(0))
      steps[split] = .split(split + 1, steps.count)
    }
    for exit in exits { steps[exit] = .jump(steps.count) }
  }

  private mutating func add(_ node: ExpressionNode, least: Int, most: Int?) throws(ExpressionError) {
    for _ in 0..<least { try add(node) }
    guard let most else {
      let split = steps.count
      try append(.split(split + 1, split))
      try add(node)
      try append(.jump(split))
      steps[split] = .split(split + 1, steps.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(least, most) {
      splits.append(steps.count)
      try append(.jump(0))
      try add(node)
    }
    for split in splits { steps[split] = .split(split + 1, steps.count) }
  }
}
