import WorkerKit

/// Pipeline files, and the schemas of events that stand beside them, read as a server reads them.
struct CheckedFiles {
  /// The pipelines without problems.
  let pipelines: PipelineSet
  /// The schemas without problems.
  let schemas: EventSchemas
  /// What is wrong with the others.
  let problems: [PipelineProblem]

  /// Reads the files that `paths` name: pipelines, schemas, or folders of them.
  /// - Throws: A `CommandError` where something is not there, or cannot be read.
  init(_ paths: [String]) throws {
    let (schemas, broken) = EventSchemas.read(files: try EventSchemaFiles.read(paths))
    let files = try PipelineFiles.read(paths.filter { !EventSchemaFiles.isSchema($0) })
    let (pipelines, found) = PipelineSet.load(files: files, registry: try StandardWorkers.known(), schemas: schemas)
    (self.pipelines, self.schemas, problems) = (pipelines, schemas, broken + found)
  }

  /// Reads files of which none may be bad.
  /// - Throws: A `CommandError` with every problem.
  static func good(_ paths: [String]) throws -> CheckedFiles {
    let files = try CheckedFiles(paths)
    guard files.problems.isEmpty else {
      throw CommandError.failed(files.problems.map(\.description).joined(separator: "\n"))
    }
    return files
  }
}
