import ArgumentParser
import WorkerKit

/// Pipeline files.
struct Pipelines: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipelines", abstract: "Work with pipeline files.",
    discussion: """
      Example:
        millrace pipelines check pipelines/
        millrace pipelines test pipelines/
        millrace pipelines plan pipelines/
      """,
    subcommands: [
      Check.self, Explain.self, Schedules.self, Schema.self, Test.self, Graph.self, List.self, Plan.self, Diff.self,
      History.self, Rollback.self,
    ])

  /// `pipelines check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check pipeline files, without a server.",
      discussion: """
        Prints each problem as FILE:LINE:COLUMN, as editors understand it, and ends with 1 when there is any.

        Examples:
          millrace pipelines check pipelines/media.yaml
          millrace pipelines check pipelines/ --json
        """)

    @Argument(help: ArgumentHelp("Files, or folders of them.", valueName: "file-or-folder"))
    var paths: [String]
    @Flag(help: "Print pipelines and problems as JSON.")
    var json = false

    func run() throws {
      let files = try PipelineFiles.read(paths)
      let (pipelines, problems) = PipelineSet.load(files: files, registry: try StandardWorkers.known())
      if json {
        Console.write(Self.json(pipelines, problems).prettyText())
      } else {
        for problem in problems { Console.write(problem.description) }
        if problems.isEmpty {
          Console.write(
            "\(pipelines.pipelines.count) \(pipelines.pipelines.count == 1 ? "pipeline" : "pipelines"), no problems")
        }
      }
      if !problems.isEmpty { throw CommandError.failed("") }
    }

    private static func json(_ pipelines: PipelineSet, _ problems: [PipelineProblem]) -> JSON {
      .object([
        "pipelines": .array(
          pipelines.revisions.map {
            .object(["pipeline": .string($0.pipeline.rawValue), "revision": .string($0.hash.rawValue)])
          }),
        "problems": .array(problems.map(\.json)),
      ])
    }
  }
}
