import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines schema`.
  struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the JSON Schema of pipeline files, for editors.",
      discussion: """
        Editors with a YAML language server use it for files that begin with
          # yaml-language-server: $schema=pipeline.schema.json

        Example:
          millrace pipelines schema > pipelines/pipeline.schema.json
        """)

    func run() throws { Console.write(PipelineSchema(try StandardWorkers.known()).json.prettyText()) }
  }
}
