import FoundationEssentials
import Glibc
import Synchronization

/// The machine's own clocks.
public struct SystemTime: TimeSource {
  /// The machine's own name for its last start.
  private static let boot: String = {
    let content = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    return content.map { String($0.prefix { !$0.isNewline }) } ?? ""
  }()

  /// The machine's clocks.
  public init() {}

  public var now: Timestamp { Timestamp(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
  public var nanosecondsSinceEpoch: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
  public var monotonic: Duration {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
  public var monotonicOrigin: String { Self.boot }
  public func sleep(for length: Duration) async throws { try await Task.sleep(for: length, clock: .continuous) }
}

/// The machine's own random numbers, drawn a block at a time: each job needs several, and each draw is a system call.
public final class SystemRandom: RandomSource {
  private let block = Mutex<[UInt64]>([])

  /// How many numbers one draw brings.
  private static let count = 64

  /// The machine's random numbers.
  public init() {}

  public func next() -> UInt64 {
    block.withLock { block in
      if block.isEmpty {
        block = [UInt64](unsafeUninitializedCapacity: Self.count) { buffer, initialized in
          var generator = SystemRandomNumberGenerator()
          Self.fill(buffer, &generator)
          initialized = Self.count
        }
      }
      return block.removeLast()
    }
  }

  private static func fill(
    _ buffer: UnsafeMutableBufferPointer<UInt64>, _ generator: inout SystemRandomNumberGenerator
  ) {
    let bytes = UnsafeMutableRawBufferPointer(buffer)
    // getentropy(3) gives at most 256 bytes at once.
    for start in stride(from: 0, to: bytes.count, by: 256) {
      let part = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(start + 256, bytes.count)])
      guard getentropy(part.baseAddress, part.count) != 0 else { continue }
      for index in stride(from: 0, to: part.count, by: 8) {
        part.storeBytes(of: generator.next(), toByteOffset: index, as: UInt64.self)
      }
    }
  }
}

extension Environment {
  /// The real world.
  public static let system = Environment(time: SystemTime(), random: SystemRandom())
}
