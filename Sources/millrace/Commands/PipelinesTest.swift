import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines test`.
  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the tests of pipelines, without a server and without workers.",
      discussion: """
        The tests of NAME.yaml stand in NAME.test.yaml beside it: events, what stages come to, and what must follow. \
        Ends with 1 when a case fails or a file cannot be read.

        Examples:
          millrace pipelines test
          millrace pipelines test pipelines/media.yaml
          millrace pipelines test pipelines/ --json
        """)

    @Argument(
      help: ArgumentHelp(
        "Pipelines, their tests, or folders of them; the folder pipelines where none is given.",
        valueName: "file-or-folder"))
    var paths: [String] = ["pipelines"]
    @Flag(help: "Print everything that happened as JSON.")
    var json = false

    func run() throws {
      let registry = try StandardWorkers.known()
      let files = try PipelineTestFiles.find(paths).map { try PipelineTestRun($0, registry: registry) }
      let cases = files.flatMap(\.reports)
      let (failed, isBroken) = (cases.count { !$0.isPassed }, files.contains { !$0.problems.isEmpty })
      if json {
        Console.write(
          JSON.object([
            "passed": .integer(Int64(cases.count - failed)), "failed": .integer(Int64(failed)),
            "files": .array(files.map(\.json)),
          ]).prettyText())
      } else {
        for file in files { Console.write(file.text) }
        Console.write("\(cases.count - failed) of \(cases.count) cases passed")
      }
      if failed > 0 || isBroken { throw CommandError.failed("") }
    }
  }
}
