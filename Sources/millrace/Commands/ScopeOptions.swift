import ArgumentParser
import WorkerKit

/// What a command pauses, resumes or drains.
struct ScopeOptions: ParsableArguments {
  @Argument(help: "What: queue:media, pipeline:media, stage:media/scan, tenant:acme; or several of them.")
  var scopes: [String]

  func validate() throws {
    for text in scopes where PauseScope(text) == nil {
      let guess = text.contains(":") ? "media" : text
      throw ValidationError(
        "'\(text)' does not say what it is; say queue:\(guess), pipeline:\(guess), stage:media/scan or tenant:acme.")
    }
  }

  /// The scopes, each once.
  var named: [PauseScope] {
    scopes.compactMap { PauseScope($0) }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The scopes as a request names them.
  var json: JSON { .array(named.map { .string($0.description) }) }

  /// The scopes as a sentence and a command name them.
  var text: String { named.map(\.description).joined(separator: " ") }
}
