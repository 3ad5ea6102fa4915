internal import Glibc
internal import ProcessChild

/// A child program that does to its parent whatever a request asks for.
enum TestChild {
  static func main() {
    do {
      try ChildLimits(arguments: CommandLine.arguments).apply()
      if CommandLine.arguments.contains("--deaf") { while true { pause() } }
      var served = 0
      try ChildLoop().run { request in
        served += 1
        return answer(request, served)
      }
    } catch {
      exit(70)
    }
  }

  private static func answer(_ request: [UInt8], _ ordinal: Int) -> [UInt8] {
    let words = String(decoding: request.prefix(200), as: UTF8.self).split(separator: " ", maxSplits: 1).map(
      String.init)
    let rest = words.count > 1 ? words[1] : ""
    switch words.first {
    case "process": return text("\(getpid())")
    case "ordinal": return text("\(ordinal)")
    case "announce": announce(rest)
    case "crash": raise(SIGSEGV)
    case "loop": while true { pause() }
    case "allocate": allocateWithoutBound()
    case "exit": exit(Int32(rest) ?? 0)
    case "garbage": say(STDERR_FILENO, "not an answer"); return garbage()
    case "flood": flood()
    case "flood-and-abort": flood(); abort()
    case "flood-forever": floodForever()
    case "hang-up": hangUp()
    case "spin": spin()
    case "complain": say(STDERR_FILENO, rest); raise(SIGABRT)
    case "print": say(STDOUT_FILENO, rest)
    case "hold": return hold(Int(rest) ?? 0)
    case "environment": return text(environmentLines())
    case "descriptors": return text(openDescriptors())
    case "session": return text(getsid(0) == getpid() ? "own" : "inherited")
    default: return request
    }
    return request
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func say(_ descriptor: Int32, _ text: String) {
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
  }

  private static func allocateWithoutBound() {
    while let block = malloc(1 << 24) { memset(block, 1, 1 << 24) }
    abort()
  }

  /// Touches so many MiB and gives them back.
  private static func hold(_ mebibytes: Int) -> [UInt8] {
    guard let block = malloc(mebibytes << 20) else { return text("refused") }
    memset(block, 1, mebibytes << 20)
    free(block)
    return text("held")
  }

  /// Writes its process number to a named pipe and then hangs.
  private static func announce(_ path: String) {
    let pipe = open(path, O_WRONLY)
    say(pipe, "\(getpid())")
    close(pipe)
    while true { pause() }
  }

  /// Keeps the pipe full, so that its reader always finds more.
  private static func floodForever() -> Never {
    let block = [UInt8](repeating: 0x78, count: 1 << 20)
    while true { _ = block.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) } }
  }

  /// Closes every pipe and lives on.
  private static func hangUp() {
    for descriptor: Int32 in 0..<8 { close(descriptor) }
    while true { pause() }
  }

  private static func spin() {
    var turns: UInt64 = 0
    while getppid() != 0 { turns &+= 1 }
    exit(Int32(turns & 1))
  }

  private static func flood() {
    for number in 0..<20_000 { say(STDERR_FILENO, "line \(number) of a flood on standard error\n") }
  }

  /// Announces an answer of 4 GiB on the descriptor that the loop took for answers.
  private static func garbage() -> [UInt8] {
    for descriptor: Int32 in 3..<8 { say(descriptor, "\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}") }
    return []
  }

  private static func environmentLines() -> String {
    var lines: [String] = []
    var entry = environ
    while let line = entry.pointee {
      lines.append(String(cString: line))
      entry = entry.advanced(by: 1)
    }
    return lines.sorted().joined(separator: "\n")
  }

  /// The descriptors that are open beside the standard three and the loop's own.
  private static func openDescriptors() -> String {
    (0..<1024).filter { fcntl($0, F_GETFD) != -1 }.map { "\($0)" }.joined(separator: " ")
  }
}
