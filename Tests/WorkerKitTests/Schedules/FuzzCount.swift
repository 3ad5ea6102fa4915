import Foundation

/// How much more is tried: as often as the fuzz count that `MILLRACE_FUZZ` names holds the usual one.
enum FuzzCount {
  static func of(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["MILLRACE_FUZZ"].flatMap { Int($0) }.map { max(usual, $0) } ?? usual
  }
}
