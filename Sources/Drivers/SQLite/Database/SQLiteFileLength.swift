import Glibc
import WorkerKit

/// Whether a database file ends where a page ends. SQLite looks for a missing page only when it wants to read it, so
/// that a file that was cut within its last page would be served until then.
enum SQLiteFileLength {
  /// Refuses a file that ends within a page and has no write-ahead log that could complete it.
  static func check(_ path: String) throws(DriverError) {
    guard let length = bytes(in: path), length > 0, bytes(in: "\(path)-wal") ?? 0 == 0,
      let page = pageSize(of: path), length % page != 0
    else { return }
    throw DriverError(
      .damaged, "sqlite_damaged", "The database file is damaged; restore it from a backup.",
      detail: "\(path) ends within a page")
  }

  private static func bytes(in path: String) -> Int64? {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : nil
  }

  /// The page size as the header has it (https://www.sqlite.org/fileformat2.html, section 1.3.2): two bytes at 16,
  /// where 1 stands for 65,536.
  private static func pageSize(of path: String) -> Int64? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = [0, 0]
    guard pread(file, &bytes, 2, 16) == 2 else { return nil }
    let size = Int64(bytes[0]) << 8 | Int64(bytes[1])
    return size == 1 ? 65_536 : size >= 512 ? size : nil
  }
}
