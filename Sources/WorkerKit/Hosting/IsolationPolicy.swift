/// The walls around a job that runs in a process of its own: what a stage's `isolation` says.
///
/// They hold accidents, not an attacker: see `docs/isolation.md`.
public struct IsolationPolicy: Sendable, Hashable {
  /// The most address space that the process may have, in bytes; more makes allocation fail. Code and libraries count.
  public var memoryBytes: Int
  /// The most processor time that one job may take, in whole seconds.
  public var cpuSeconds: Int
  /// The largest file that the process may write, in bytes; more makes a write fail. The embedded store's own file
  /// counts, for workers that write in it.
  public var fileBytes: Int
  /// The most files, pipes and sockets that the process may have open at once.
  public var openFiles: Int

  /// Describes walls; a number out of its range becomes the nearest one in it.
  public init(
    memoryBytes: Int = 1 << 30, cpuSeconds: Int = 60, fileBytes: Int = 4 << 30, openFiles: Int = 256
  ) {
    self.memoryBytes = Self.memoryRange.nearest(to: memoryBytes)
    self.cpuSeconds = Self.cpuRange.nearest(to: cpuSeconds)
    self.fileBytes = Self.fileRange.nearest(to: fileBytes)
    self.openFiles = Self.openFilesRange.nearest(to: openFiles)
  }

  /// 1 GiB of memory, 60 s of processor time, files of up to 4 GiB, 256 of them open.
  public static let standard = IsolationPolicy()

  /// What `memoryBytes` may be: 256 MiB, which the program with its libraries needs, to 1 TiB.
  public static let memoryRange = 256 << 20...1 << 40
  /// What `cpuSeconds` may be: 1 s to a day.
  public static let cpuRange = 1...86_400
  /// What `fileBytes` may be: 1 MiB to 1 TiB.
  public static let fileRange = 1 << 20...1 << 40
  /// What `openFiles` may be: 32 to 65,536.
  public static let openFilesRange = 32...65_536
}

extension ClosedRange<Int> {
  /// The number itself where it is in the range, and otherwise the bound that it is beyond.
  fileprivate func nearest(to number: Int) -> Int { Swift.min(Swift.max(number, lowerBound), upperBound) }
}
