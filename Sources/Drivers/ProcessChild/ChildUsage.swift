internal import CProcessShim
internal import Glibc

/// What a child that is used again and again measures of itself, and grants itself, between two requests.
public enum ChildUsage {
  /// Grants this process so much processor time from now on, in seconds; SIGXCPU ends it at the bound.
  ///
  /// A later call grants as much again, which a bound of `ChildLimits` would not allow.
  /// - Throws: `.refused` where the kernel does.
  public static func allowProcessorTime(seconds: UInt64) throws(ChildSetupFailure) {
    let errorNumber = millrace_process_allow_cpu(seconds)
    guard errorNumber == 0 else { throw .refused(limit: "cpu-seconds", errorNumber: errorNumber) }
  }

  /// The physical memory that this process has now, in bytes; nil where the system does not tell.
  public static var residentBytes: Int? {
    let number = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { close(number) }
    var text = [UInt8](repeating: 0, count: 256)
    let count = read(number, &text, text.count)
    guard count > 0 else { return nil }
    let fields = String(decoding: text.prefix(count), as: UTF8.self).split(separator: " ")
    return fields.dropFirst().first.flatMap { Int($0) }.map { $0 * Int(getpagesize()) }
  }
}
