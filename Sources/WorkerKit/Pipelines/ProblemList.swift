/// A place in a file.
struct Place: Sendable, Hashable {
  /// The line, from 1.
  let line: Int
  /// The column in Unicode scalars, from 1.
  let column: Int

  static let start = Place(line: 1, column: 1)
}

/// Something that stands at a place in a file.
struct Placed<Value: Sendable>: Sendable {
  let value: Value
  let place: Place

  init(_ value: Value, at place: Place) {
    self.value = value
    self.place = place
  }
}

/// The problems of one file, gathered while it is read.
struct ProblemList {
  let file: String
  private var noted: [PipelineProblem] = []
  /// How many known words may still be compared with unknown ones: a file that is wrong throughout costs no more.
  private var comparisons = 10_000

  init(file: String) { self.file = file }

  var isEmpty: Bool { noted.isEmpty }

  /// The problems in the order of the file, each once.
  var sorted: [PipelineProblem] {
    var seen: Set<PipelineProblem> = []
    return noted.filter { seen.insert($0).inserted }.enumerated()
      .sorted { ($0.1.line, $0.1.column, $0.0) < ($1.1.line, $1.1.column, $1.0) }.map(\.element)
  }

  mutating func note(_ code: PipelineProblem.Code, at place: Place, _ message: String, hint: String? = nil) {
    noted.append(
      PipelineProblem(
        file: file, line: place.line, column: place.column, code: code, message: Self.line(message),
        hint: hint.map(Self.line)))
  }

  /// The text as one line of bounded length: what a file holds may be long, and may hold line breaks.
  private static func line(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(500).map { $0.properties.generalCategory.breaksLines ? " " : $0 }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Notes a word that is none of the known ones, and the one that was probably meant.
  mutating func note(
    _ code: PipelineProblem.Code, at place: Place, _ message: String, unknown word: String,
    known: some Sequence<String>
  ) {
    let known = Array(known)
    comparisons -= known.count
    let meant = comparisons >= 0 ? Spelling.suggestion(for: word, among: known) : nil
    note(code, at: place, message, hint: meant.map { "did you mean '\($0)'?" })
  }
}

extension Unicode.GeneralCategory {
  fileprivate var breaksLines: Bool { self == .control || self == .lineSeparator || self == .paragraphSeparator }
}
