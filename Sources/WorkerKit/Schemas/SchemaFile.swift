/// A file with the schema of one version of a type of event.
enum SchemaFile {
  /// What the names of all such files end with.
  static let ending = ".schema.json"
  /// The largest file.
  static let mostBytes = 1 << 20

  /// The type and the version that a file's name tells.
  static func identity(_ file: String, into problems: inout ProblemList) -> (type: String, version: Int)? {
    let name = file.split(separator: "/").last.map { String($0) } ?? file
    guard name.hasSuffix(ending) else {
      problems.note(.invalidSchema, at: .start, "a schema's file is called TYPE\(ending), or TYPE.v2\(ending)")
      return nil
    }
    var (type, version) = (String(name.dropLast(ending.count)), 1)
    if let dot = type.lastIndex(of: "."), let number = Self.version(type[type.index(after: dot)...]) {
      (type, version) = (String(type[..<dot]), number)
    }
    guard EnvelopeFields.WordForm.type.admits(type) else {
      problems.note(.invalidSchema, at: .start, "the file is not named for a type of event", hint: Self.rule)
      return nil
    }
    return (type, version)
  }

  /// Reads a file's text.
  static func schema(_ text: String, into problems: inout ProblemList) -> JSONSchema? {
    guard text.utf8.count <= mostBytes else {
      problems.note(.tooLarge, at: .start, "the file has more than \(mostBytes) bytes")
      return nil
    }
    let value: JSON
    do throws(JSONError) { value = try JSONReader.parse(text) } catch {
      problems.note(.invalidSchema, at: Place(line: error.line, column: error.column), error.message)
      return nil
    }
    do throws(SchemaError) { return try JSONSchema.read(value) } catch {
      var locator = JSONLocator(text)
      for problem in error.problems {
        problems.note(
          .invalidSchema, at: locator.place(of: problem.path), "#\(problem.pointer): \(problem.message)",
          hint: problem.hint)
      }
      return nil
    }
  }

  private static let rule = "write MediaUploaded\(ending): letters, digits, '.', '-' and '_', a letter first"

  /// `v2` as a number; nil for what is no version.
  private static func version(_ text: Substring) -> Int? {
    guard text.hasPrefix("v"), let number = Int(text.dropFirst()), number >= 1, "v\(number)" == text,
      number <= Int(Int32.max)
    else { return nil }
    return number
  }
}
