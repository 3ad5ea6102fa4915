internal import Glibc

/// How much physical memory a child used at most, from what Linux can tell.
struct MemoryEvidence {
  private let path: String
  /// The parent's own peak when the child was started, below which the kernel's report says nothing of the child.
  private let floor: Int
  private var sampled: Int?

  init(child: pid_t) {
    path = "/proc/\(child)/status"
    floor = Self.peak(inStatus: "/proc/self/status") ?? 0
  }

  /// Reads the child's peak so far, while it lives.
  mutating func sample() {
    if let now = Self.peak(inStatus: path) { sampled = max(now, sampled ?? 0) }
  }

  /// The peak in bytes, given what wait4(2) reported.
  func peak(reported: Int?) -> Int? {
    if let reported, reported > floor { return reported }
    return sampled
  }

  /// `VmHWM` of proc(5), in bytes.
  private static func peak(inStatus path: String) -> Int? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let descriptor = Descriptor(number: number)
    guard let bytes = descriptor.readAvailable() else { return nil }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
