internal import Glibc
internal import ImagingProtocol

/// A file that appears under its name only once it is whole and on disk.
struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let folder: String
  private let path: String
  private let temporary: String

  /// - Throws: `output_unwritable` with the system's error number.
  init(folder: String, name: String) throws(ImagingFailure) {
    let temporary = "\(folder)/.\(name).part"
    // What an earlier attempt left here when it was killed is of no use to anybody.
    unlink(temporary)
    let opened = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw Self.failure(errno) }
    descriptor = opened
    path = "\(folder)/\(name)"
    self.folder = folder
    self.temporary = temporary
  }

  deinit {
    close(descriptor)
    // After `write` there is nothing under this name any more.
    unlink(temporary)
  }

  /// Writes the content, brings it to disk, and gives the file its name.
  /// - Throws: `output_unwritable` with the system's error number.
  borrowing func write(_ bytes: [UInt8]) throws(ImagingFailure) {
    let errorNumber: Int32 = bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count {
        let put = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
        if put >= 0 { sent += put } else if errno != EINTR { return errno }
      }
      return 0
    }
    guard errorNumber == 0 else { throw Self.failure(errorNumber) }
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw Self.failure(errno) }
    try syncFolder()
  }

  /// The name itself is on disk only once the folder is.
  private borrowing func syncFolder() throws(ImagingFailure) {
    let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard opened >= 0 else { throw Self.failure(errno) }
    defer { close(opened) }
    guard fsync(opened) == 0 else { throw Self.failure(errno) }
  }

  private static func failure(_ errorNumber: Int32) -> ImagingFailure {
    ImagingFailure(.outputUnwritable, fields: ["errno": "\(errorNumber)"])
  }
}
