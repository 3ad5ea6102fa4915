import WorkerKit

/// What the schemas in a folder come to: the good ones, and for each bad file the schema that counted before.
struct FolderSchemas {
  let schemas: EventSchemas
  let problems: [PipelineProblem]

  /// Reads the schemas of a listing. `before` are those that count until now.
  init(_ listing: FolderListing, after before: EventSchemas) {
    var (files, problems) = ([(name: String, text: String)](), [PipelineProblem]())
    for (path, content) in listing.schemas {
      switch content {
      case .text(let text): files.append((path, text))
      case .unreadable(let why):
        problems.append(PipelineProblem(file: path, line: 1, column: 1, code: .invalidSchema, message: why))
      }
    }
    let (read, found) = EventSchemas.read(files: files)
    problems += found
    schemas = read.keeping(Set(problems.map(\.file)), of: before)
    self.problems = problems
  }
}
