import Foundation
import Testing

@Suite struct ProgramTests {
  private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let output = Foundation.Pipe()
    process.executableURL = Studio.program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  @Test func helpSaysWhatItIs() throws {
    let help = try run(["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("started by millrace"))
  }

  @Test func versionNamesLibvips() throws {
    let version = try run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.wholeMatch(of: /millrace-imaging, libvips \d+\.\d+\.\d+.*\n/) != nil)
  }

  @Test func startedByHandItSaysSoAndEnds() throws {
    let result = try run([])
    #expect(result.status == 2)
    #expect(result.output == "millrace-imaging is started by millrace; see --help\n")
  }
}
