import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines explain`.
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether an event matches, or which part of a pattern it fails and why.",
      discussion: """
        Takes one pattern, or every pipeline of a folder; the event as JSON, or - for standard input. Ends with 0 when \
        something matches, with 1 when nothing does or a file cannot be read, and with 2 on wrong usage.

        Examples:
          millrace pipelines explain --pattern pattern.yaml --event event.json
          millrace pipelines explain --pipelines pipelines/ --event event.json --json
        """)

    @Option(help: ArgumentHelp("A pattern as YAML or JSON.", valueName: "file"))
    var pattern: String?
    @Option(help: ArgumentHelp("Pipeline files.", valueName: "file-or-folder"))
    var pipelines: String?
    @Option(help: ArgumentHelp("An event as JSON.", valueName: "file"))
    var event: String
    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
      guard (pattern == nil) != (pipelines == nil) else {
        throw ValidationError("Give either --pattern or --pipelines.")
      }
      guard pattern != "-" else { throw ValidationError("A pattern is read from a file.") }
    }

    func run() throws {
      let value = try EventFile.value(event)
      if let pattern {
        try tell([PatternAnswer(name: nil, mismatch: try Self.read(pattern).mismatch(value))])
      } else if let pipelines {
        try tell(try Self.answers(pipelines, to: value))
      }
    }

    private static func read(_ path: String) throws(CommandError) -> Pattern {
      let text = try PipelineFiles.text(of: path)
      do throws(PipelineFileError) { return try Pattern.read(text, file: path) } catch {
        throw .failed(error.description)
      }
    }

    private static func answers(_ path: String, to event: JSON) throws -> [PatternAnswer] {
      let files = try PipelineFiles.read([path])
      let (set, problems) = PipelineSet.load(files: files, registry: try StandardWorkers.known())
      guard problems.isEmpty else {
        throw CommandError.failed(problems.map(\.description).joined(separator: "\n"))
      }
      return set.pipelines.values.sorted { $0.name < $1.name }.map { pipeline in
        PatternAnswer(name: pipeline.name.rawValue, mismatch: pipeline.trigger.mismatch(event))
      }
    }

    private func tell(_ answers: [PatternAnswer]) throws {
      let hasMatch = answers.contains { $0.mismatch == nil }
      if json {
        Console.write(pattern == nil ? Self.json(answers, hasMatch) : answers.first?.json.prettyText() ?? "")
      } else {
        for answer in answers { Console.write(answer.text) }
      }
      if !hasMatch { throw CommandError.failed(answers.isEmpty ? "there are no pipelines" : "") }
    }

    private static func json(_ answers: [PatternAnswer], _ hasMatch: Bool) -> String {
      JSON.object(["match": .bool(hasMatch), "pipelines": .array(answers.map(\.json))]).prettyText()
    }
  }
}
