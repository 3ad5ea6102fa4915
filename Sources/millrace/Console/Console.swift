import Glibc

/// The terminal: what was asked for goes to standard output, everything else to standard error.
enum Console {
  /// Writes a line of the answer.
  static func write(_ text: String) { write(Array((PlainText.of(text) + "\n").utf8), to: STDOUT_FILENO) }

  /// Writes a line for a person; nothing when there is nothing to say.
  static func complain(_ text: String) {
    if !text.isEmpty { write(Array((PlainText.of(text) + "\n").utf8), to: STDERR_FILENO) }
  }

  /// Writes bytes whole, as far as the other side takes them.
  static func write(_ bytes: [UInt8], to file: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return
      }
    }
  }
}
