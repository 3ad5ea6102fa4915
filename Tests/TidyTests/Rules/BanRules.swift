/// What must not stand in sources and tests.
let banRules: [Rule] = [
  .ban(
    ["print("], in: ["Sources"], but: ["Sources/millrace", "Sources/Imaging"],
    "Libraries do not write to the terminal; log with a LogKey, or return a value."),
  .ban(
    ["try!", "as!", "fatalError(", "preconditionFailure("], in: ["Sources"],
    "It ends the process; throw a typed error."),
  .ban(
    ["TODO", "FIXME", "XXX", "not implemented"], in: ["Sources"], of: .everything,
    "Finish it, or describe it in an issue."),
  .ban(
    ["Task.sleep", "Thread.sleep", "usleep(", "sleep(", ".disabled(", "XCTSkip", "withKnownIssue"], in: ["Tests"],
    // It is a clock of its own there, and has to have the verb.
    but: ["Tests/HostingTests/BlockedPoolTests.swift"],
    "Tests wait for signals and manual clocks, and none is skipped."),
  .ban(
    [
      "Process(", "Process.run(", ".waitUntilExit(", ".availableData", ".readData(", ".readDataToEndOfFile(",
      ".readToEnd(", ".read(upToCount:",
    ], in: ["Tests"], but: ["Tests/TestProcesses"],
    "It blocks a thread that all tests share; run a Program or a RunningProgram of TestProcesses."),
]
