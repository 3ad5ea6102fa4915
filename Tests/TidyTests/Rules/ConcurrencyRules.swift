/// Where tasks, threads, clocks and chance may come from.
let concurrencyRules: [Rule] = [
  .each(
    "unchecked concurrency is explained on the line above",
    plants: [
      Plant("Sources/A/A.swift", "final class A: @unchecked Sendable {}\n", lines: [1]),
      Plant("Sources/A/A.swift", "// One thread has it.\nfinal class A: @unchecked Sendable {}\n", lines: []),
      Plant("Tests/A/A.swift", "let b = 1\nnonisolated(unsafe) var a = 1\n", lines: [2]),
    ]
  ) { file in
    guard file.isSwift else { return [] }
    return ["@unchecked Sendable", "nonisolated(unsafe)"].flatMap { word in
      Ban(word: word, advice: "").lines(in: file.code).filter { !isComment(file, line: $0 - 1) }.map {
        file.finding($0, "Say on the line above why \(word) is safe.")
      }
    }
  },
  .ban(
    ["Task {", "Task{", "Task(", "Task.detached", "Task.immediate", "Thread", "DispatchQueue", "pthread_create"],
    in: ["Sources/WorkerKit"], but: ["Sources/WorkerKit/Hosting/LeaseKeeper.swift"],
    "WorkerKit starts no unstructured task and no thread; use a task group."),
  .ban(
    [
      "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", ".random(", "UUID()",
      "Task.sleep",
    ], in: ["Sources/WorkerKit", "Sources/Dispatcher"], but: ["Sources/WorkerKit/Values/SystemEnvironment.swift"],
    "Take time, chance and ids from the Environment, so that a test can stand in for the world."),
]

private func isComment(_ file: SourceFile, line: Int) -> Bool {
  guard line >= 1 else { return false }
  return file.lines[line - 1].drop { $0 == " " }.hasPrefix("//")
}
