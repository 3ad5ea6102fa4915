import ArgumentParser
import WorkerKit

extension Pipelines {
  /// `pipelines plan`.
  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what activating files would change on a server. Changes nothing.",
      discussion: """
        Compares the files with what is active: + becomes active, - is taken away, ~ changes. Ends with 0 whether \
        anything would change or not, and with 1 when a file is bad, by the schemas of events beside it too.

        Examples:
          millrace pipelines plan pipelines/
          millrace pipelines plan pipelines/ --server http://127.0.0.1:7380 --json
        """)

    @Argument(help: ArgumentHelp("Files, or folders of them.", valueName: "file-or-folder"))
    var paths: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let changes = try await PipelineComparison(paths, with: server).changes
      Console.write(output.json ? changes.json.prettyText() : changes.text)
    }
  }

  /// `pipelines diff`.
  struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show line by line how files differ from what is active on a server.",
      discussion: """
        Ends with 0 whether anything differs or not, and with 1 when a file is bad, by the schemas of events beside \
        it too.

        Example:
          millrace pipelines diff pipelines/
        """)

    @Argument(help: ArgumentHelp("Files, or folders of them.", valueName: "file-or-folder"))
    var paths: [String]
    @OptionGroup var output: OutputOptions
    @OptionGroup var server: ServerOptions

    func run() async throws {
      let (old, new) = try await {
        let comparison = try await PipelineComparison(paths, with: server)
        return (comparison.active.pipelines, comparison.files.pipelines)
      }()
      var answer: [JSON] = []
      for name in Set(old.keys).union(new.keys).sorted() where old[name]?.revision != new[name]?.revision {
        let lines = LineDiff.all(from: old[name]?.source ?? "", to: new[name]?.source ?? "")
        answer.append(
          .object(["pipeline": .string(name.rawValue), "lines": .array(lines.map { .string($0) })]))
        if !output.json { Console.write((["pipeline \(name)"] + lines).joined(separator: "\n")) }
      }
      if output.json { return Console.write(JSON.object(["pipelines": .array(answer)]).prettyText()) }
      if answer.isEmpty { Console.write("Nothing differs.") }
    }
  }

  /// `pipelines graph`.
  struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Draw a pipeline: its stages, what they need, when they run, what is emitted.",
      discussion: """
        Examples:
          millrace pipelines graph pipelines/media.yaml
          millrace pipelines graph pipelines/media.yaml --format mermaid
          millrace pipelines graph pipelines/media.yaml --json
        """)

    /// A language of drawings.
    enum Format: String, ExpressibleByArgument, CaseIterable {
      case text, mermaid, dot
    }

    @Argument(help: ArgumentHelp("A pipeline file.", valueName: "file"))
    var path: String
    @Option(help: "For a terminal, for Mermaid, or for Graphviz: text, mermaid or dot; text where none is given.")
    var format: Format?
    @Flag(help: "Print nodes, and the edges between them, as JSON.")
    var json = false

    func validate() throws {
      guard !json || format == nil else { throw ValidationError("Give either --format or --json.") }
    }

    func run() throws {
      let text = try PipelineFiles.text(of: path)
      let pipeline: Pipeline
      do throws(PipelineFileError) { pipeline = try Pipeline.compile(text, file: path) } catch {
        throw CommandError.failed(error.description)
      }
      let graph = PipelineGraph(pipeline)
      if json { return Console.write(graph.json.prettyText()) }
      switch format ?? .text {
      case .text: Console.write(graph.text)
      case .mermaid: Console.write(graph.mermaid)
      case .dot: Console.write(graph.dot)
      }
    }
  }
}

/// Files beside what is active on a server.
struct PipelineComparison {
  let files: PipelineSet
  let active: PipelineSet

  /// Reads both.
  /// - Throws: A `CommandError` where a file is bad, or an active pipeline is none to this version.
  init(_ paths: [String], with server: ServerOptions) async throws {
    files = try CheckedFiles.good(paths).pipelines
    let answer = try await server.connect().get("/v1/pipelines", query: [("sources", "true")])
    let active = try answer.elements("pipelines").map { pipeline in
      do throws(PipelineFileError) {
        return try Pipeline.compile(pipeline.text("source"), file: "\(pipeline.cell("pipeline")).yaml (active)")
      } catch {
        throw CommandError.failed("this version cannot read what is active there:\n\(error)")
      }
    }
    self.active = PipelineSet(active)
  }

  var changes: PipelineChanges { PipelineChanges(from: active, to: files) }
}

extension JSON {
  fileprivate func text(_ key: String) -> String {
    if case .string(let text)? = self[key] { text } else { "" }
  }
}
