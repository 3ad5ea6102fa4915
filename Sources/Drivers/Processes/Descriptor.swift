internal import CSpawnShim
internal import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it.
struct Descriptor: ~Copyable {
  let number: Int32

  deinit { close(number) }

  /// Reads what is there, at most `limit` bytes: empty at the end of the pipe, nil where nothing is there now.
  borrowing func readAvailable(_ limit: Int = 1 << 16) -> [UInt8]? {
    var got = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
      got = Glibc.read(number, buffer.baseAddress, limit)
      initialized = max(0, got)
    }
    if got >= 0 { return bytes }
    return errno == EAGAIN || errno == EINTR ? nil : []
  }

  /// Writes what fits now and answers how much that was, or nil where the reader is gone.
  borrowing func writeAvailable(_ bytes: ArraySlice<UInt8>) -> Int? {
    let put = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
    if put >= 0 { return put }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }

  borrowing func setNonblocking() {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
  }
}

/// A pipe's two ends. Both are closed on exec, so that no other child inherits them.
struct Pipe: ~Copyable {
  let reader: Descriptor
  let writer: Descriptor

  /// Opens a pipe, or answers nil with `errno` set.
  static func open() -> Pipe? {
    var (reader, writer): (Int32, Int32) = (-1, -1)
    guard millrace_pipe(&reader, &writer) == 0 else { return nil }
    return Pipe(reader: Descriptor(number: aboveStandard(reader)), writer: Descriptor(number: aboveStandard(writer)))
  }

  /// Moves a descriptor out of 0 to 2, which a program without standard streams gives to its first pipes: the spawn
  /// would overwrite one end with another there.
  private static func aboveStandard(_ number: Int32) -> Int32 {
    guard number <= 2 else { return number }
    let moved = fcntl(number, F_DUPFD_CLOEXEC, 3)
    close(number)
    return moved
  }
}
