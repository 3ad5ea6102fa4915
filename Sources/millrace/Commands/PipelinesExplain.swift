import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines explain`.
  struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say whether an event matches, or which part of a pattern it fails and why.",
      discussion: """
        Takes one pattern, or every pipeline of a folder; the event as JSON, or - for standard input. With --pipelines \
        the schemas of events beside the pipelines count too: an event that breaks its schema starts no run, whatever \
        it matches. Ends with 0 when something matches, with 1 when nothing does, the event breaks its schema or a \
        file is bad, and with 2 on wrong usage.

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
        let files = try CheckedFiles.good([pipelines])
        try tell(Self.answers(files.pipelines, to: value), files.schemas.violations(of: value))
      }
    }

    private static func read(_ path: String) throws(CommandError) -> Pattern {
      let text = try PipelineFiles.text(of: path)
      do throws(PipelineFileError) { return try Pattern.read(text, file: path) } catch {
        throw .failed(error.description)
      }
    }

    private static func answers(_ set: PipelineSet, to event: JSON) -> [PatternAnswer] {
      set.pipelines.values.sorted { $0.name < $1.name }.map { pipeline in
        PatternAnswer(name: pipeline.name.rawValue, mismatch: pipeline.trigger.mismatch(event))
      }
    }

    private func tell(_ answers: [PatternAnswer], _ violations: [SchemaViolation] = []) throws {
      let hasMatch = answers.contains { $0.mismatch == nil } && violations.isEmpty
      if json {
        let text = pattern == nil ? Self.json(answers, violations, hasMatch) : answers.first?.json.prettyText()
        Console.write(text ?? "")
      } else {
        for answer in answers { Console.write(answer.text) }
        for violation in violations { Console.write("the payload breaks its schema: \(violation)") }
      }
      if !hasMatch { throw CommandError.failed(answers.isEmpty ? "there are no pipelines" : "") }
    }

    private static func json(
      _ answers: [PatternAnswer], _ violations: [SchemaViolation], _ hasMatch: Bool
    ) -> String {
      let problems = violations.map { violation in
        JSON.object([
          "pointer": .string(violation.pointer), "code": .string(violation.keyword),
          "message": .string(violation.expectation),
        ])
      }
      return JSON.object([
        "match": .bool(hasMatch), "pipelines": .array(answers.map(\.json)), "problems": .array(problems),
      ]).prettyText()
    }
  }
}
