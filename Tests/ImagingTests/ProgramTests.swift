import Foundation
import TestProcesses
import Testing

@Suite struct ProgramTests {
  private func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
    let result = try await Program(Studio.program.path, arguments).run()
    return (result.status, result.output + result.errors)
  }

  @Test func helpSaysWhatItIs() async throws {
    let help = try await run(["--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("started by millrace"))
  }

  @Test func versionNamesLibvips() async throws {
    let version = try await run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.wholeMatch(of: /millrace-imaging, libvips \d+\.\d+\.\d+.*\n/) != nil)
  }

  @Test func startedByHandItSaysSoAndEnds() async throws {
    let result = try await run([])
    #expect(result.status == 2)
    #expect(result.output == "millrace-imaging is started by millrace; see --help\n")
  }
}
