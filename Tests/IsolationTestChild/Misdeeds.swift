import FoundationEssentials
import Glibc
import Logging
import WorkerKit

/// What a job can do to its process, for real.
enum Misdeeds {
  static func act(_ how: String, _ text: String, _ context: WorkerContext) async throws -> String {
    switch how {
    case "process": return String(getpid())
    case "context":
      return "\(context.job) \(context.run) \(context.tenant) \(context.pipeline) \(context.stage) \(context.attempt) "
        + "\(context.authority.epoch.rawValue) \(context.authority.fence.rawValue) \(context.authority.holder)"
    case "log":
      context.log.notice("A worker says something.", metadata: ["path": .string(text)])
      return text
    case "flood the log":
      for _ in 0..<2000 { context.log.notice("Again.") }
      return text
    case "fail":
      throw Failure(.transient, "unwell", "Not now.", fields: ["seen": text], retryAfter: .seconds(7))
    case "cancel": throw CancellationError()
    case "throw": throw CocoaError(.fileNoSuchFile)
    case "environment": return environmentLines()
    case "descriptors": return (3..<1024).filter { isPipeOrFile(Int32($0)) }.map(String.init).joined(separator: " ")
    case "folder": return try writeFiles()
    case "print": return printOut(text)
    case "grow": return grow(text)
    default: return try harm(how, text)
    }
  }

  private static func harm(_ how: String, _ text: String) throws -> String {
    switch how {
    case "segfault": UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
    case "exit": exit(Int32(text) ?? 0)
    case "allocate": allocate()
    case "spin": spin()
    case "hang": announce(text)
    case "leave a process behind": return try leaveProcess()
    case "write and crash":
      _ = try writeFiles()
      abort()
    case "open files": return openFiles()
    case "write a huge file": return writeHugeFile()
    case "garbage": for number: Int32 in 3..<64 { say(number, "\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}") }
    default: return how
    }
    return how
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

  /// Whether a descriptor is open and no one that Swift's own event loop has made.
  private static func isPipeOrFile(_ number: Int32) -> Bool {
    var about = stat()
    guard fstat(number, &about) == 0 else { return false }
    return [S_IFREG, S_IFIFO, S_IFSOCK, S_IFDIR].contains(about.st_mode & S_IFMT)
  }

  private static func writeFiles() throws -> String {
    let temporary = FileManager.default.temporaryDirectory.path
    try Data("a".utf8).write(to: URL(filePath: "\(temporary)/one"))
    try Data("b".utf8).write(to: URL(filePath: "two"))
    return temporary
  }

  private static func printOut(_ text: String) -> String {
    say(STDOUT_FILENO, text)
    return text
  }

  private static func say(_ descriptor: Int32, _ text: String) {
    _ = text.withCString { write(descriptor, $0, strlen($0)) }
  }

  /// Takes so many MiB and never gives them back.
  private static func grow(_ text: String) -> String {
    let bytes = (Int(text) ?? 0) << 20
    if let block = malloc(bytes) { memset(block, 1, bytes) }
    return String(getpid())
  }

  private static func allocate() {
    var blocks: [[UInt8]] = []
    while getppid() != 0 { blocks.append([UInt8](repeating: 1, count: 8 << 20)) }
    exit(Int32(blocks.count & 1))
  }

  private static func spin() {
    var turns: UInt64 = 0
    while getppid() != 0 { turns &+= 1 }
    exit(Int32(turns & 1))
  }

  /// Tells a named pipe its process number, and then heeds nothing.
  private static func announce(_ path: String) {
    let pipe = open(path, O_WRONLY)
    say(pipe, String(getpid()))
    close(pipe)
    while true { pause() }
  }

  /// Starts a program that holds all of this process's pipes open, and leaves it alone.
  private static func leaveProcess() throws -> String {
    for number: Int32 in 3..<64 { _ = fcntl(number, F_SETFD, 0) }
    var process: pid_t = 0
    let arguments = [strdup("sleep"), strdup("1000"), nil]
    defer { for argument in arguments { free(argument) } }
    guard posix_spawn(&process, "/bin/sleep", nil, nil, arguments, nil) == 0 else {
      throw Failure(.permanent, "no_sleep", "There is no /bin/sleep here.")
    }
    return String(process)
  }

  private static func openFiles() -> String {
    var count = 0
    while open("/dev/null", O_RDONLY) >= 0 { count += 1 }
    return errno == EMFILE ? "refused after \(count)" : "failed"
  }

  private static func writeHugeFile() -> String {
    let file = open("huge", O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 1, count: 1 << 20)
    while block.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) > 0 {}
    return errno == EFBIG ? "refused after \(lseek(file, 0, SEEK_CUR))" : "failed"
  }
}
