import Glibc
import WorkerKit

/// The system calls of a folder store, with errors typed by what can be done about them.
extension FolderFiles {
  /// A path without links; nil, with `errno` set, where it leads nowhere.
  static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Opens a file for reading, and nothing that is a link, a folder, a pipe or a device.
  static func openRegular(_ path: String) throws(Failure) -> Int32 {
    // Without waiting: a pipe would be waited for until somebody writes to it.
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 || errno == ELOOP || errno == ENXIO else { throw failure("read", path) }
    var status = stat()
    if file >= 0, fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return file }
    if file >= 0 { close(file) }
    throw Failure(
      .permanent, "object_not_a_file", "What is there is a folder, a link, a pipe or a device, and no object.",
      fields: ["path": path])
  }

  /// Whether a path is that of a file of this size, and not that of a link to one.
  static func isRegular(_ path: String, bytes: Int) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && Int(status.st_size) == bytes
  }

  /// Calls `use` with a file's content, a mebibyte at a time.
  static func eachChunk(
    of file: Int32, _ use: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = Glibc.read(file, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("read", "")
      }
      try use(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// Appends all of `bytes`.
  static func append(_ bytes: [UInt8], to file: Int32, _ path: String) throws(Failure) {
    // Array's closures do not carry a typed error.
    let result = bytes.withUnsafeBytes { chunk -> Result<Void, Failure> in
      do throws(Failure) { return .success(try append(chunk, to: file, path)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Appends all of `chunk`.
  static func append(_ chunk: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws(Failure) {
    var rest = chunk
    while !rest.isEmpty {
      let count = Glibc.write(file, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("write", path)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Creates a file, fills it, and synchronises it to disk; removes it again when filling fails.
  static func write(to path: String, _ fill: (Int32) throws(Failure) -> Void) throws(Failure) -> String {
    let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw failure("write", path) }
    defer { close(file) }
    do throws(Failure) {
      try fill(file)
      guard fsync(file) == 0 else { throw failure("write", path) }
    } catch {
      unlink(path)
      throw error
    }
    return path
  }

  /// Makes a rename in `folder` durable.
  static func synchronise(_ folder: String) throws(Failure) {
    let file = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw failure("write", folder) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw failure("write", folder) }
  }

  /// Creates a folder and those above it.
  static func createFolders(_ path: String) throws(Failure) {
    if mkdir(path, 0o750) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      throw failure("write", path)
    }
    try createFolders(String(path[..<slash]))
    guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw failure("write", path) }
  }

  /// The failure of the last system call. All are transient: a person can mend a disk or a permission meanwhile.
  static func failure(_ step: String, _ path: String) -> Failure {
    let number = errno
    let code = number == ENOSPC || number == EDQUOT ? "object_store_full" : "object_store_unavailable"
    return Failure(
      .transient, code, "The object folder cannot be read or written; check its space and permissions.",
      fields: ["step": step, "path": path, "error": String(cString: strerror(number))])
  }
}
