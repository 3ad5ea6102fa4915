import ArgumentParser
import WorkerKit

/// Pipeline files.
struct Pipelines: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipelines", abstract: "Work with pipeline files.",
    discussion: """
      Examples:
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
      abstract: "Check pipeline files and schemas of events, without a server.",
      discussion: """
        Prints each problem as FILE:LINE:COLUMN, as editors understand it, and ends with 1 when there is any, or when \
        there is nothing to check. Schemas of events, events/TYPE.schema.json in the folder, are checked too, and what \
        pipelines take from payloads against them.

        Examples:
          millrace pipelines check pipelines/media.yaml
          millrace pipelines check pipelines/ --json
        """)

    @Argument(help: ArgumentHelp("Files, or folders of them.", valueName: "file-or-folder"))
    var paths: [String]
    @Flag(help: "Print pipelines and problems as JSON.")
    var json = false

    func run() throws {
      let files = try CheckedFiles(paths)
      let (pipelines, schemas, problems) = (files.pipelines, files.schemas, files.problems)
      let isEmpty = problems.isEmpty && pipelines.pipelines.isEmpty && schemas.count == 0
      if isEmpty, !json {
        throw CommandError.failed(
          "there are no pipelines in \(paths.joined(separator: ", ")); their files are named NAME.yaml or NAME.yml")
      }
      if json {
        Console.write(Self.json(pipelines, schemas, problems).prettyText())
      } else {
        for problem in problems { Console.write(problem.description) }
        if problems.isEmpty {
          let count = pipelines.pipelines.count
          let kept = schemas.count == 0 ? "" : ", \(schemas.count) \(schemas.count == 1 ? "schema" : "schemas")"
          Console.write("\(count) \(count == 1 ? "pipeline" : "pipelines")\(kept), no problems")
        }
      }
      if !problems.isEmpty || isEmpty { throw CommandError.failed("") }
    }

    private static func json(
      _ pipelines: PipelineSet, _ schemas: EventSchemas, _ problems: [PipelineProblem]
    ) -> JSON {
      .object([
        "pipelines": .array(
          pipelines.revisions.map {
            .object(["pipeline": .string($0.pipeline.rawValue), "revision": .string($0.hash.rawValue)])
          }),
        "schemas": .array(
          schemas.types.flatMap { type in
            schemas.versions(of: type).map { .object(["event": .string(type), "version": .integer(Int64($0))]) }
          }),
        "problems": .array(problems.map(\.json)),
      ])
    }
  }
}
