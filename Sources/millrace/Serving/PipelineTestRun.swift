import WorkerKit

/// One test file, run.
struct PipelineTestRun {
  let file: String
  /// What is wrong with the pipeline or its test; then nothing was run.
  private(set) var problems: [PipelineProblem] = []
  private(set) var reports: [TrialReport] = []

  init(_ files: PipelineTestFiles.Pair, registry: WorkerRegistry) throws {
    file = files.test
    let (source, test) = (try PipelineFiles.text(of: files.pipeline), try PipelineFiles.text(of: files.test))
    do throws(PipelineFileError) {
      let pipeline = try Pipeline.compile(source, file: files.pipeline, registry: registry)
      let trials = try PipelineTrials.read(test, file: files.test, pipeline: pipeline, registry: registry)
      reports = try Self.reports(trials, on: pipeline, registry: registry)
    } catch {
      problems = error.problems
    }
  }

  /// A plan that cannot be made is a failure of the case's own.
  private static func reports(
    _ trials: PipelineTrials, on pipeline: Pipeline, registry: WorkerRegistry
  ) throws(PipelineFileError) -> [TrialReport] {
    var reports: [TrialReport] = []
    for trial in trials.trials {
      do throws(DriverError) {
        reports.append(try trial.report(on: pipeline, registry: registry))
      } catch {
        throw PipelineFileError(problems: [
          PipelineProblem(
            file: trials.file, line: trial.line, column: trial.column, code: .invalidValue,
            message: "the case cannot be planned: \(error)")
        ])
      }
    }
    return reports
  }

  /// A line when all is well; otherwise each problem, or each case that fails with what differs and what happened.
  var text: String {
    guard problems.isEmpty else { return problems.map(\.description).joined(separator: "\n") }
    let failed = reports.filter { !$0.isPassed }
    guard !failed.isEmpty else { return "ok   \(file) (\(reports.count) \(reports.count == 1 ? "case" : "cases"))" }
    return failed.map(text).joined(separator: "\n")
  }

  private func text(_ report: TrialReport) -> String {
    var lines = ["FAIL \(file):\(report.line):\(report.column): \(report.name)"]
    for difference in report.differences {
      lines.append("  \(difference.subject)")
      lines += difference.lines.map { "    \($0)" }
    }
    if !report.stages.isEmpty { lines.append("  what happened") }
    lines += report.stages.map { "      \($0.stage) \($0.end)" }
    return lines.joined(separator: "\n")
  }

  var json: JSON {
    .object([
      "file": .string(file), "problems": .array(problems.map(\.json)), "cases": .array(reports.map(Self.json)),
    ])
  }

  private static func json(_ report: TrialReport) -> JSON {
    .object([
      "case": .string(report.name), "line": .integer(Int64(report.line)), "column": .integer(Int64(report.column)),
      "passed": .bool(report.isPassed),
      "differences": .array(
        report.differences.map { difference in
          .object(["subject": .string(difference.subject), "lines": .array(difference.lines.map { .string($0) })])
        }),
      "stages": .object(
        Dictionary(report.stages.map { ($0.stage.rawValue, .string($0.end)) }) { first, _ in first }),
    ])
  }
}
