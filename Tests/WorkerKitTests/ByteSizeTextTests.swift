import Testing
import WorkerKit

@Suite("Sizes in files", .timeLimit(.minutes(5)))
struct ByteSizeTextTests {
  @Test(
    "a number and a unit of 1,024 are read",
    arguments: [
      ("0B", 0), ("512B", 512), ("64KiB", 65_536), ("512MiB", 512 << 20), ("1GiB", 1 << 30), ("2TiB", 2 << 40),
    ])
  func reads(text: String, bytes: Int) {
    #expect(ByteSizeText.read(text) == bytes)
  }

  @Test(
    "anything else is not",
    arguments: [
      "", "1", "GiB", "1GB", "1 GiB", "-1GiB", "+1GiB", "1.5GiB", "1gib", "9999999999999TiB", "١GiB", "1GiBs",
    ])
  func refuses(text: String) {
    #expect(ByteSizeText.read(text) == nil)
  }
}

@Suite("Walls around a job", .timeLimit(.minutes(5)))
struct IsolationPolicyTests {
  @Test("numbers out of range become the nearest that are in it")
  func clamps() {
    let least = IsolationPolicy(memoryBytes: 0, cpuSeconds: 0, fileBytes: -1, openFiles: 1)
    #expect(least.memoryBytes == 256 << 20)
    #expect(least.cpuSeconds == 1)
    #expect(least.fileBytes == 1 << 20)
    #expect(least.openFiles == 32)
    let most = IsolationPolicy(memoryBytes: .max, cpuSeconds: .max, fileBytes: .max, openFiles: .max)
    #expect(most.memoryBytes == IsolationPolicy.memoryRange.upperBound)
    #expect(most.cpuSeconds == IsolationPolicy.cpuRange.upperBound)
    #expect(most.fileBytes == IsolationPolicy.fileRange.upperBound)
    #expect(most.openFiles == IsolationPolicy.openFilesRange.upperBound)
  }
}
