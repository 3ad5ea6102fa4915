import Dispatcher
import WorkerKit

/// Makes the pipelines of a folder the active ones, when the server starts.
enum PipelineActivation {
  /// What the folder of a server is called in its store: a data folder has one server at a time, and a server one
  /// folder, so that it keeps its name when it moves.
  static let name = "serve"

  /// Takes the folder for the first time, and tells of what is wrong with its files.
  ///
  /// A bad file changes nothing: the revision of its pipeline that was active stays so, with a warning.
  /// - Throws: A `CommandError` when there is no such folder, or when a file is bad and no pipeline was active before.
  static func open(_ activator: PipelineActivator) async throws {
    let opening: PipelineActivator.Opening
    do {
      opening = try await activator.open()
    } catch let error as PipelineFolder.LookError {
      let path = activator.folderPath ?? ""
      switch error {
      case .missing: throw CommandError.failed("there is no file or folder \(path)")
      case .unreadable: throw CommandError.failed("cannot read the folder \(path)")
      }
    }
    for problem in opening.problems { Console.complain(problem.description) }
    if opening.isRefused, let file = opening.bad.first?.file {
      throw CommandError.failed("\(file) is not a valid pipeline, and no earlier revision of it is active")
    }
    for (file, pipeline) in opening.bad {
      let what = pipeline.map { "pipeline \($0) stays as it was" } ?? "nothing is taken away until it is mended or gone"
      Console.complain("warning: \(file) is not valid; \(what)")
    }
  }
}
