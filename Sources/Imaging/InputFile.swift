internal import Glibc
internal import ImagingProtocol

/// The file to decode, opened once, so that what was checked is what is decoded.
struct InputFile: ~Copyable {
  let descriptor: Int32
  let size: Int

  /// - Throws: `input_unreadable` for anything but a regular file that can be opened.
  init(_ path: String) throws(ImagingFailure) {
    // Not blocking, because opening a named pipe would otherwise wait for somebody to write to it.
    let opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard opened >= 0 else { throw ImagingFailure(.inputUnreadable, fields: ["errno": "\(errno)"]) }
    var status = stat()
    guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(opened)
      throw ImagingFailure(.inputUnreadable, fields: ["reason": "not a regular file"])
    }
    descriptor = opened
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads bytes from a place in the file without moving any other reader; fewer where it ends.
  borrowing func bytes(at offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
  }

  /// Whether the file lacks the end that its own format promises: `IEND` of PNG, a semicolon of
  /// GIF, the length in a WebP's RIFF header.
  var isCutShort: Bool {
    let head = bytes(at: 0, count: 12)
    if head.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
      return Array(bytes(at: max(0, size - 8), count: 4)) != Array("IEND".utf8)
    }
    if head.starts(with: Array("GIF8".utf8)) { return bytes(at: max(0, size - 1), count: 1) != [0x3b] }
    if head.starts(with: Array("RIFF".utf8)), head.count == 12 {
      return size - 8 < head[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    return false
  }
}
