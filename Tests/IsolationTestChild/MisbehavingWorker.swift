import Glibc
import WorkerKit

/// Does what no worker should.
struct MisbehavingWorker: Worker {
  static let name: WorkerName = "test.misbehave"
  static let summary = "Does what no worker should."

  struct Options: WorkerOptions {
    static let how = OptionField<String>("how", "What to do.")
    static let text = OptionField<String>("text", "Anything.", default: "")
    static var fields: [OptionDescription] { [how.description, text.description] }
    let how: String
    let text: String

    init(_ reader: OptionReader) throws(OptionProblem) {
      how = try reader.value(Self.how)
      text = try reader.value(Self.text)
    }
  }

  struct Output: WorkerOutput {
    static let fields = [OutputField("answer", "What came of it.")]
    let answer: String
    var json: JSON { ["answer": .string(answer)] }
    var artifacts: [Artifact] {
      answer == "artifact" ? [Artifact(key: "a/b", contentType: "text/plain", bytes: 3, sha256: "00")] : []
    }
  }

  func run(_ options: Options, context: WorkerContext) async throws -> Output {
    Output(answer: try await Misdeeds.act(options.how, options.text, context))
  }
}
