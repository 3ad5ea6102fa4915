import Foundation
import TestProcesses
import Testing
import WorkerKit

/// Python beside us, as a second opinion.
enum PythonPeer {
  /// Whether it is installed with these modules.
  static func has(_ modules: String) async -> Bool { await Program.python("import \(modules)").succeeds }

  /// The JSON that a script prints for the JSON on its standard input.
  static func ask(_ script: String, _ question: JSON, deadline: Int = 120) async throws -> JSON {
    let result = try await Program.python(script).run(input: Data(question.bytes()), deadline: deadline)
    try #require(result.status == 0, "\(result.errors)")
    return try JSONReader.parse(result.output)
  }
}
