import Glibc

/// Asks a person before much is done at once.
enum Confirmation {
  /// True where standard input is a terminal, and somebody can be asked.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 }

  /// Asks a question on standard error.
  /// - Throws: A `CommandError` where the answer is not yes.
  static func ask(_ question: String) throws(CommandError) {
    Console.write(Array("\(question) [y/N] ".utf8), to: STDERR_FILENO)
    let answer = readLine()?.lowercased() ?? ""
    guard ["y", "yes"].contains(answer) else { throw .failed("nothing was done") }
  }
}
