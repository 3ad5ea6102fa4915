/// The form of names of pipelines, stages and queues.
enum NameForm {
  /// `[a-z][a-z0-9_-]{0,63}`
  static func admits(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x61...0x7A).contains(first) else { return false }
    return name.utf8.count <= PipelineLimits.nameCharacters
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
      }
  }

  /// Notes a name that breaks the form.
  static func check(_ name: String, of what: String, at place: Place, into problems: inout ProblemList) {
    guard !admits(name) else { return }
    problems.note(
      .invalidName, at: place,
      "'\(name)' is no name of a \(what): up to \(PipelineLimits.nameCharacters) lower-case letters, digits, '-' and "
        + "'_', a letter first")
  }
}
