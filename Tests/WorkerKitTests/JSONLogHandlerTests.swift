import Logging
import Synchronization
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("JSON log lines")
struct JSONLogHandlerTests {
  /// Keeps what a handler writes.
  private final class Page: Sendable {
    private let written = Mutex<[[UInt8]]>([])

    var lines: [[UInt8]] { written.withLock { $0 } }
    func write(_ line: [UInt8]) { written.withLock { $0.append(line) } }

    func only() throws -> JSON {
      let line = try #require(lines.count == 1 ? lines.first : nil)
      #expect(line.last == UInt8(ascii: "\n"))
      #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
      return try JSONReader.parse(Array(line.dropLast()))
    }
  }

  private let page = Page()

  private func logger(at level: Logger.Level = .info) -> Logger {
    var logger = Logger(label: "test") { [page] label in
      JSONLogHandler(label: label, time: ManualTime(), write: page.write)
    }
    logger.logLevel = level
    return logger
  }

  @Test func aLineIsOneObject() throws {
    logger().info("It works.")
    #expect(
      try page.only() == [
        "time": "2026-01-01T00:00:00.000Z", "level": "info", "message": "It works.", "logger": "test",
      ])
  }

  @Test func fieldsStandBeside() throws {
    var logger = logger().with([.jobID: "j1", .attempt: "1"])
    logger[metadataKey: "nested"] = ["a": "b", "list": ["x", "y"]]
    logger.log(.warning, "Tried again.", [.attempt: "2", .failureCode: "busy"])
    let line = try page.only()
    #expect(line["level"] == "warning")
    #expect(line["job_id"] == "j1")
    #expect(line["attempt"] == "2")
    #expect(line["failure_code"] == "busy")
    #expect(line["nested"] == ["a": "b", "list": ["x", "y"]])
    #expect(logger[metadataKey: "job_id"] == "j1")
  }

  @Test func valuesThatDescribeThemselvesAreTexts() throws {
    logger().info("Counted.", metadata: ["count": .stringConvertible(12)])
    #expect(try page.only()["count"] == "12")
  }

  @Test func reservedKeysWin() throws {
    logger().error(
      "The message.", metadata: ["time": "x", "level": "x", "message": "x", "logger": "x", "other": "kept"])
    #expect(
      try page.only() == [
        "time": "2026-01-01T00:00:00.000Z", "level": "error", "message": "The message.", "logger": "test",
        "other": "kept",
      ])
  }

  @Test func newlinesAndControlCharactersStayInTheLine() throws {
    logger().info("a\nb", metadata: ["text": "c\r\n\u{0}\u{2028}\"\\"])
    let line = try page.only()
    #expect(line["message"] == "a\nb")
    #expect(line["text"] == "c\r\n\u{0}\u{2028}\"\\")
  }

  @Test(arguments: Logger.Level.allCases) func levelsHold(level: Logger.Level) throws {
    let logger = logger(at: .warning)
    logger.log(level: level, "x")
    #expect(page.lines.count == (level >= .warning ? 1 : 0))
    if level >= .warning { #expect(try page.only()["level"] == .string(level.rawValue)) }
  }

  @Test func keysAreInSnakeCase() {
    #expect(LogKey.allCases.allSatisfy { key in key.rawValue.allSatisfy { $0.isLowercase || $0 == "_" } })
  }
}
