import Foundation

/// How many inputs a test tries: the usual number, or what `MILLRACE_FUZZ` says where that is more.
enum FuzzCount {
  static func of(_ usual: Int) -> Int {
    ProcessInfo.processInfo.environment["MILLRACE_FUZZ"].flatMap { Int($0) }.map { max(usual, $0) } ?? usual
  }
}
