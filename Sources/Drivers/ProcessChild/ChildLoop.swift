internal import Glibc

/// A child program's main loop: one request in, one answer out, until the parent closes the pipe.
///
/// Requests come on standard input and answers leave on standard output, as frames: four bytes of length, most
/// significant first, then at most 16 MiB.
public struct ChildLoop: ~Copyable {
  private let input: Int32
  private let output: Int32

  /// Takes standard output for answers alone: what any library prints there goes to standard error from now on.
  /// - Throws: `.refused` where the descriptors cannot be duplicated.
  public init() throws(ChildSetupFailure) {
    input = STDIN_FILENO
    // A program that a request starts must not hold the pipe open: the parent would wait for a dead child's answer.
    output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
    guard output >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else {
      throw .refused(limit: "standard-output", errorNumber: errno)
    }
  }

  deinit {
    if output >= 0 { close(output) }
  }

  /// Serves requests until the parent closes the pipe between two of them.
  /// - Throws: `ChildLoopFailure` where a pipe breaks, or a request or an answer is no valid frame.
  public func run(_ handler: ([UInt8]) -> [UInt8]) throws(ChildLoopFailure) {
    while let request = try readFrame() {
      guard let answer = Frame.encode(handler(request)) else { throw .answerTooLong }
      try write(answer)
    }
  }

  private func readFrame() throws(ChildLoopFailure) -> [UInt8]? {
    let header = try read(Frame.headerBytes)
    if header.isEmpty { return nil }
    guard let length = Frame.bodyLength(header: header) else { throw .badRequest }
    let body = try read(length)
    guard body.count == length else { throw .badRequest }
    return body
  }

  /// Reads `count` bytes, or fewer where the pipe ends.
  private func read(_ count: Int) throws(ChildLoopFailure) -> [UInt8] {
    var filled = 0
    var errorNumber: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while filled < count, errorNumber == 0 {
        let got = Glibc.read(input, UnsafeMutableRawPointer(buffer.baseAddress)?.advanced(by: filled), count - filled)
        if got == 0 { break }
        if got > 0 { filled += got } else if errno != EINTR { errorNumber = errno }
      }
      initialized = filled
    }
    guard errorNumber == 0 else { throw .pipe(errorNumber: errorNumber) }
    return bytes
  }

  private func write(_ bytes: [UInt8]) throws(ChildLoopFailure) {
    let errorNumber: Int32 = bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        let put = Glibc.write(output, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
        if put >= 0 { sent += put } else if errno != EINTR { return errno }
      }
      return 0
    }
    guard errorNumber == 0 else { throw .pipe(errorNumber: errorNumber) }
  }
}

/// Why a child's loop ended other than by the parent closing the pipe.
public enum ChildLoopFailure: Error, Equatable {
  /// A pipe failed with this error number.
  case pipe(errorNumber: Int32)
  /// A request was no complete frame, or announced more than the bound.
  case badRequest
  /// The handler's answer is longer than a frame may be.
  case answerTooLong
}
