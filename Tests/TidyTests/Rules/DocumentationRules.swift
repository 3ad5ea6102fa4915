/// What has to be said about public symbols.
let documentationRules: [Rule] = [
  Rule("public symbols have a doc comment", plants: symbolPlants) { files in
    let promised = Set(files.flatMap(Documentation.requirements))
    return files.filter { $0.isIn("Sources") && $0.isSwift }.flatMap { file in
      Declaration.of(file).filter { needsComment($0, promised) && !Documentation.isGiven($0.line, in: file) }.map {
        file.finding($0.line, "Say above \($0.keyword) \($0.name) what it promises, with `///`. \(exemptions)")
      }
    }
  },
  .each(
    "requirements of public protocols have a doc comment",
    plants: [
      Plant("Sources/A/A.swift", "public protocol A {\n  func a()\n  /// B.\n  var b: Int { get }\n}\n", lines: [2]),
      Plant("Sources/A/A.swift", "protocol A {\n  func a()\n}\n", lines: []),
    ]
  ) { file in
    guard file.isIn("Sources") else { return [] }
    return Documentation.publicRequirements(of: file).filter { !Documentation.isGiven($0.line, in: file) }.map {
      file.finding($0.line, "Say above the requirement \($0.name) what a conformer promises, with `///`.")
    }
  },
]

private let exemptions = """
  Exempt are stored properties whose names say it all, and members that keep a promise of a protocol that says it.
  """

/// What the standard library and the packages we use have documented already.
private let known: Set<String> = [
  "description", "debugDescription", "errorDescription", "rawValue", "hash", "==", "<", "encode", "id", "allCases",
  "validate", "configuration", "exitCode", "next", "log", "enqueue", "body", "subscript(metadataKey key",
  "init(rawValue", "errorResponse",
]

private func needsComment(_ declaration: Declaration, _ promised: Set<String>) -> Bool {
  guard declaration.isPublic, !declaration.isOverride, declaration.keyword != "extension" else { return false }
  if ["let", "var"].contains(declaration.keyword), !declaration.isComputed { return false }
  return !known.contains(declaration.name) && !promised.contains(declaration.name)
}

private let symbolPlants: [Plant] = [
  plant("public struct A {\n  public init() {}\n  public func a() {}\n  public let b: Int\n}\n", lines: [1, 2, 3]),
  plant("/// A.\npublic struct A {\n  /// A.\n  public init() {}\n}\n", lines: []),
  plant("/// A.\n@frozen\npublic struct A {\n  func a() {}\n}\n", lines: []),
  plant("struct A {\n  public var a: Int { 1 }\n  public var description: String { \"\" }\n}\n", lines: [2]),
  plant("// A.\npublic protocol A {\n  /// B.\n  func b()\n}\nextension A {\n  public func b() {}\n}\n", lines: [2]),
  plant("/// A.\npublic enum A {\n  case a\n}\n\npublic typealias B = A\n", lines: [6]),
  plant("extension A {\n  public static func < (left: A, right: A) -> Bool { true }\n}\n", lines: []),
  plant(
    "/// A.\nprotocol A {\n  /// A.\n  init(_ a: Int)\n}\nextension B {\n  public init(_ a: Int) {}\n}\n", lines: []),
  plant("/// A.\nprotocol A {\n  init(_ a: Int)\n}\nextension B {\n  public init(_ a: Int) {}\n}\n", lines: [6]),
  Plant("Tests/A/A.swift", "public struct A {}\n", lines: []),
]

private func plant(_ text: String, lines: [Int]) -> Plant { Plant("Sources/A/A.swift", text, lines: lines) }
