/// The documentation of a worker, made from what it says about itself.
public struct WorkerPage {
  private let worker: RegisteredWorker

  /// The page of a worker.
  public init(_ worker: RegisteredWorker) { self.worker = worker }

  /// The page's file name: `media.thumbnails.md`.
  public var fileName: String { "\(worker.name).md" }

  /// The page in Markdown.
  public var markdown: String {
    var parts = ["# \(worker.name)", worker.summary]
    if !worker.guarantees.isEmpty {
      parts += ["## Guarantees", worker.guarantees.map { "- \($0)" }.joined(separator: "\n")]
    }
    parts += ["## Policy", "Unless its stage says otherwise: \(standards)."]
    parts += ["## Options", options, "## Output", outputs, "## Example", "```yaml\n\(example)\n```"]
    return parts.joined(separator: "\n\n") + "\n"
  }

  /// A stage that uses the worker, in YAML: all options that are required, and those whose example is not the default.
  public var example: String {
    let options = worker.options.filter { Self.example(of: $0) != nil || $0.isRequired }.map { option in
      "      \(option.name): \((option.example ?? .null).text())"
    }
    let name = worker.name.rawValue.split(separator: ".").last ?? ""
    let with = options.isEmpty ? [] : ["    with:"] + options
    return (["stages:", "  \(name):", "    uses: \(worker.name)"] + with).joined(separator: "\n")
  }

  /// A page that leads to the pages of all workers.
  public static func index(of registry: WorkerRegistry) -> String {
    let rows = registry.all.map { "| [\($0.name)](\(WorkerPage($0).fileName)) | \(cell($0.lead)) |" }
    let head = ["# Workers", "", "Made by `millrace workers docs`.", "", "| worker | does |", "| --- | --- |"]
    return (head + rows).joined(separator: "\n") + "\n"
  }

  /// What is known of the worker, for programs.
  public var json: JSON {
    .object([
      "name": .string(worker.name.rawValue), "summary": .string(worker.summary),
      "guarantees": .array(worker.guarantees.map { .string($0) }), "queue": .string(worker.queue.rawValue),
      "timeout_ms": .integer(worker.timeout.milliseconds), "attempts": .integer(Int64(worker.retry.attempts)),
      "options": .array(worker.options.map(Self.json)),
      "outputs": .array(
        worker.outputs.map { ["name": .string($0.name), "summary": .string($0.summary)] }),
    ])
  }

  private static func json(_ option: OptionDescription) -> JSON {
    var members: [String: JSON] = [
      "name": .string(option.name), "summary": .string(option.summary), "schema": option.schema,
      "required": .bool(option.isRequired),
    ]
    members["default"] = option.standard
    members["example"] = option.example
    return .object(members)
  }

  /// An example that says more than the default.
  private static func example(of option: OptionDescription) -> JSON? {
    option.example == option.standard ? nil : option.example
  }

  private var standards: String {
    let retry = worker.retry
    return
      "queue `\(worker.queue)`, timeout \(DurationText.write(worker.timeout)), \(retry.attempts) attempts with waits of up "
      + "to \(DurationText.write(retry.initial)) first and \(DurationText.write(retry.longest)) at last"
  }

  private var options: String {
    let rows = worker.options.map { option in
      let standard = option.isRequired ? "required" : option.standard.map(Self.code) ?? "none"
      let example = Self.example(of: option).map(Self.code) ?? ""
      return "| `\(option.name)` | \(OptionType.text(of: option.schema)) | \(standard) | \(example) "
        + "| \(Self.cell(option.summary)) |"
    }
    return (["| option | type | default | example | |", "| --- | --- | --- | --- | --- |"] + rows)
      .joined(separator: "\n")
  }

  private var outputs: String {
    let rows = worker.outputs.map { "| `\($0.name)` | \(Self.cell($0.summary)) |" }
    return (["| field | |", "| --- | --- |"] + rows).joined(separator: "\n")
  }

  private static func code(_ value: JSON) -> String { "`\(cell(value.text()))`" }

  /// A bar would end the cell.
  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

extension RegisteredWorker {
  /// The first sentence of the summary.
  public var lead: String {
    guard let end = summary.firstRange(of: ". ") else { return summary }
    return String(summary[..<end.lowerBound]) + "."
  }
}
