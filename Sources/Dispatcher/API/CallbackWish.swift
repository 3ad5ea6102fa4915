import WorkerKit

/// The body of a callback: an output, or a failure.
struct CallbackWish {
  let answer: CallbackAnswer

  /// What somebody outside can know of a failure. A crash needs a witness, and a deadline is the stage's.
  static let kinds: [FailureKind] = [.transient, .permanent, .poison]
  /// The longest code and message, in characters.
  static let (longestCode, longestMessage) = (64, 1000)

  init(_ body: JSON) throws(Problem) {
    var items: [Problem.Item] = []
    let answer = Self.answer(in: body, &items)
    guard let answer, items.isEmpty else {
      throw Problem(
        400, "invalid_callback", "A callback is an object with either output or failure; nothing was changed.",
        items: items)
    }
    self.answer = answer
  }

  private static func answer(in body: JSON, _ items: inout [Problem.Item]) -> CallbackAnswer? {
    guard case .object(let members) = body else { return nil }
    for key in members.keys.sorted() where !["output", "failure"].contains(key) {
      items.append(.init(field: String(key.prefix(100)), code: "unknown_field", message: "There is no such field."))
    }
    switch (members["output"], members["failure"]) {
    case (.object(let output)?, nil): return .output(.object(output))
    case (nil, let failure?): return Self.failure(failure, &items).map { .failure($0) }
    case (.some, nil):
      items.append(.init(field: "output", code: "invalid", message: "An output is an object."))
    case (.some, .some):
      items.append(.init(field: "failure", code: "conflict", message: "There is an output as well; send one of them."))
    case (nil, nil):
      items.append(.init(field: "output", code: "required", message: "Send an output, or a failure."))
    }
    return nil
  }

  private static func failure(_ failure: JSON, _ items: inout [Problem.Item]) -> Failure? {
    guard case .object(let members) = failure else {
      items.append(.init(field: "failure", code: "invalid", message: "A failure is an object."))
      return nil
    }
    for key in members.keys.sorted() where !["kind", "code", "message"].contains(key) {
      items.append(
        .init(field: "failure.\(key.prefix(100))", code: "unknown_field", message: "There is no such field."))
    }
    var (kind, code, message): (FailureKind?, String?, String?)
    if case .string(let word)? = members["kind"] { kind = kinds.first { $0.rawValue == word } }
    if case .string(let word)? = members["code"], isCode(word) { code = word }
    if case .string(let text)? = members["message"], (1...longestMessage).contains(text.unicodeScalars.count) {
      message = text
    }
    let words = kinds.map(\.rawValue).joined(separator: ", ")
    if kind == nil { items.append(.init(field: "failure.kind", code: "invalid", message: "This is one of \(words).")) }
    if code == nil {
      items.append(
        .init(field: "failure.code", code: "invalid", message: "This is one fixed word in snake case: not_found."))
    }
    if message == nil {
      items.append(
        .init(
          field: "failure.message", code: "invalid", message: "This is a text of 1 to \(longestMessage) characters."))
    }
    guard let kind, let code, let message else { return nil }
    return Failure(kind, code, message)
  }

  private static func isCode(_ word: String) -> Bool {
    guard (1...longestCode).contains(word.utf8.count), let first = word.utf8.first else { return false }
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    return letters.contains(first)
      && word.utf8.allSatisfy { letters.contains($0) || $0 == 0x5F || (0x30...0x39).contains($0) }
  }
}
