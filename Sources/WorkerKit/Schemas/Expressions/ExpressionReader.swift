/// Reads the regular expressions of ECMA-262 (section 22.2.1, with the flag `u`), but for what cannot be matched in
/// linear time: look-around and back-references.
struct ExpressionReader {
  let scalars: [Unicode.Scalar]
  var place = 0
  private var depth = 0

  /// How deep groups may be nested.
  static let deepest = 50
  /// The largest number of a `{…}`.
  static let mostRepetitions = 1000

  static func read(_ text: String) throws(ExpressionError) -> ExpressionNode {
    var reader = ExpressionReader(scalars: Array(text.unicodeScalars))
    let node = try reader.choice()
    if reader.next != nil { throw reader.fault("there is a ')' without its '('") }
    return node
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  func fault(_ message: String) -> ExpressionError { ExpressionError(message: message, column: place + 1) }

  mutating func takes(_ text: String) -> Bool {
    guard scalars[place...].starts(with: text.unicodeScalars) else { return false }
    place += text.unicodeScalars.count
    return true
  }

  private mutating func choice() throws(ExpressionError) -> ExpressionNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw fault("groups are nested more than \(Self.deepest) deep") }
    var branches = [try sequence()]
    while takes("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(ExpressionError) -> ExpressionNode {
    var nodes: [ExpressionNode] = []
    while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try quantified()) }
    return .sequence(nodes)
  }

  private mutating func quantified() throws(ExpressionError) -> ExpressionNode {
    let (node, canRepeat) = try atom()
    let start = place
    guard let (least, most) = try quantifier() else { return node }
    // Whether few or many are tried first makes no difference to whether there is a match.
    _ = takes("?")
    guard canRepeat else {
      place = start
      throw fault("there is nothing before this that can be repeated")
    }
    return .repeated(node, least: least, most: most)
  }

  private mutating func atom() throws(ExpressionError) -> (ExpressionNode, canRepeat: Bool) {
    if takes("^") { return (.start, false) }
    if takes("$") { return (.end, false) }
    if takes("\\b") { return (.edge(true), false) }
    if takes("\\B") { return (.edge(false), false) }
    if takes(".") { return (.one(.anyButLineEnd), true) }
    if takes("(") { return (try group(), true) }
    if takes("[") { return (.one(try scalarClass()), true) }
    if next == "\\" { return (.one(try escape(inClass: false)), true) }
    guard let scalar = next, !"*+?{}]".unicodeScalars.contains(scalar) else {
      throw fault("this character needs a backslash before it, unless it repeats what stands before it")
    }
    place += 1
    return (.one(ScalarSet(scalar)), true)
  }

  private mutating func group() throws(ExpressionError) -> ExpressionNode {
    if next == "?" { try groupKind() }
    let node = try choice()
    guard takes(")") else { throw fault("a group is not closed with ')'") }
    return node
  }

  private mutating func groupKind() throws(ExpressionError) {
    if takes("?:") { return }
    for sign in ["?=", "?!", "?<=", "?<!"] where takes(sign) {
      place -= sign.count
      throw fault("look-around is not supported, since it can make matching slow beyond measure")
    }
    guard takes("?<"), let end = scalars[place...].firstIndex(of: ">"), end > place else {
      throw fault("a group begins with '(', '(?:' or '(?<name>'")
    }
    place = end + 1
  }

  private mutating func quantifier() throws(ExpressionError) -> (least: Int, most: Int?)? {
    if takes("*") { return (0, nil) }
    if takes("+") { return (1, nil) }
    if takes("?") { return (0, 1) }
    guard takes("{") else { return nil }
    let least = try number()
    var most: Int? = least
    if takes(",") { most = next == "}" ? nil : try number() }
    guard takes("}") else { throw fault("a repetition is written {2}, {2,} or {2,5}; a brace itself as \\{") }
    if let most, most < least { throw fault("a repetition ends below its beginning") }
    return (least, most)
  }

  private mutating func number() throws(ExpressionError) -> Int {
    let digits = scalars[place...].prefix { ("0"..."9").contains($0) }
    guard !digits.isEmpty else {
      throw fault("a repetition is written {2}, {2,} or {2,5}; a brace itself as \\{")
    }
    guard digits.count <= 6, let number = Int(String(String.UnicodeScalarView(digits))), number <= Self.mostRepetitions
    else { throw fault("a repetition of more than \(Self.mostRepetitions) is not supported") }
    place += digits.count
    return number
  }
}
