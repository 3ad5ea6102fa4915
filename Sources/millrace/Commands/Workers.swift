import ArgumentParser
import FoundationEssentials
import WorkerKit

/// The workers that pipelines can use.
struct Workers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers", abstract: "Look at the workers that pipelines can use.",
    discussion: """
      Examples:
        millrace workers list
        millrace workers show media.thumbnails
        millrace workers crashes --data ./data
      """, subcommands: [List.self, Show.self, Crashes.self, Docs.self])

  /// `workers list`.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the workers, without a server.",
      discussion: """
        Example:
          millrace workers list --json
        """)

    @Flag(help: "Print everything that is known of them as JSON.")
    var json = false

    func run() throws {
      let workers = try StandardWorkers.known().all
      if json {
        return Console.write(JSON.object(["workers": .array(workers.map { WorkerPage($0).json })]).prettyText())
      }
      var table = Table("WORKER", "QUEUE", "DOES")
      for worker in workers { table.add(worker.name.rawValue, worker.queue.rawValue, worker.lead) }
      Console.write(table.text)
    }
  }

  /// `workers show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a worker does, promises, takes and returns, without a server.",
      discussion: """
        Example:
          millrace workers show http.call
        """)

    @Argument(help: "The worker's name: media.thumbnails.")
    var name: String
    @Flag(help: "Print it as JSON.")
    var json = false

    func run() throws {
      let registry = try StandardWorkers.known()
      guard let worker = registry.worker(WorkerName(name)) else {
        let names = registry.names.map(\.rawValue)
        let meant = Spelling.suggestion(for: name, among: names).map { "did you mean '\($0)'?" }
        throw CommandError.failed(
          "there is no worker '\(name)'; \(meant ?? "there are \(names.joined(separator: ", "))")")
      }
      let page = WorkerPage(worker)
      Console.write(json ? page.json.prettyText() : String(page.markdown.dropLast()))
    }
  }

  /// `workers docs`.
  struct Docs: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a page of documentation for each worker.",
      discussion: """
        Example:
          millrace workers docs --output docs/workers
        """)

    @Option(help: ArgumentHelp("Where to write; created where it is missing.", valueName: "folder"))
    var output: String

    func run() throws {
      let registry = try StandardWorkers.known()
      var pages = registry.all.map { (name: WorkerPage($0).fileName, text: WorkerPage($0).markdown) }
      pages.append((name: "README.md", text: WorkerPage.index(of: registry)))
      do {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        for page in pages { try Data(page.text.utf8).write(to: URL(filePath: "\(output)/\(page.name)")) }
      } catch {
        throw CommandError.failed("cannot write to the folder \(output)")
      }
      Console.write("\(pages.count) pages in \(output)")
    }
  }
}
