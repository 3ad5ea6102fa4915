import Foundation
import ProcessChild
import TestProcesses
import Testing

@Suite("A child of a child", .timeLimit(.minutes(5)))
struct TighterLimitTests {
  @Test("is bound by what its parent is bound by, though it asks for more")
  func tighter() async throws {
    let program = TestPool.products.appending(path: "process-test-child").path
    let limits = ChildLimits(fileSizeBytes: 1 << 30, openFiles: 64).arguments.joined(separator: " ")
    let shell = Program("/bin/sh", ["-c", "ulimit -n 40; \(program) \(limits) </dev/null"])
    #expect(try await shell.run().status == 0, "A child that cannot bind itself ends with 70.")
  }
}
