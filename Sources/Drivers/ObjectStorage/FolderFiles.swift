import Crypto
import Glibc
import WorkerKit

/// The file operations of a folder store. They block, and run on the store's thread alone.
struct FolderFiles: Sendable {
  /// The folder of all tenants, as a path without links.
  let root: String

  /// Creates the folder where it is missing.
  init(root: String) throws(Failure) {
    try Self.createFolders(root)
    guard let real = realpath(root, nil) else { throw Self.failure("resolve", root) }
    defer { free(real) }
    self.root = String(cString: real)
  }

  func read(_ key: ObjectKey, of tenant: TenantID, limit: Int) throws(Failure) -> [UInt8] {
    let source = try open(key, of: tenant)
    defer { close(source) }
    var bytes: [UInt8] = []
    try Self.eachChunk(of: source) { chunk throws(Failure) in
      bytes.append(contentsOf: chunk)
      guard bytes.count <= limit else {
        throw Failure(
          .permanent, "object_too_large", "The object is larger than the worker takes.",
          fields: ["key": key.text, "limit_bytes": String(limit)])
      }
    }
    return bytes
  }

  func fetch(_ key: ObjectKey, of tenant: TenantID, to path: String) throws(Failure) {
    let source = try open(key, of: tenant)
    defer { close(source) }
    _ = try Self.write(to: path) { target throws(Failure) in
      try Self.eachChunk(of: source) { chunk throws(Failure) in try Self.append(chunk, to: target, path) }
    }
  }

  func write(_ bytes: [UInt8], as key: ObjectKey, of tenant: TenantID) throws(Failure) {
    try place(key, of: tenant) { target throws(Failure) in
      try Self.append(bytes, to: target, key.text)
    }
  }

  /// Hashes a file, and copies it to its name unless it is there already.
  func keep(file path: String, in folder: String, suffix: String, contentType: String, of tenant: TenantID)
    throws(Failure) -> Artifact
  {
    let source = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else { throw Self.failure("read", path) }
    defer { close(source) }
    var hash = SHA256()
    var bytes = 0
    try Self.eachChunk(of: source) { chunk throws(Failure) in
      hash.update(bufferPointer: chunk)
      bytes += chunk.count
    }
    let digits = hash.finalize().map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    let key = try ObjectKey("\(folder)/\(digits.prefix(2))/\(digits)\(suffix)")
    if access(try self.path(key, of: tenant), F_OK) != 0 {
      lseek(source, 0, SEEK_SET)
      try place(key, of: tenant) { target throws(Failure) in
        try Self.eachChunk(of: source) { chunk throws(Failure) in try Self.append(chunk, to: target, key.text) }
      }
    }
    return Artifact(key: key.text, contentType: contentType, bytes: bytes, sha256: digits)
  }

  /// Opens an object for reading; links that lead out of the tenant's folder are refused.
  private func open(_ key: ObjectKey, of tenant: TenantID) throws(Failure) -> Int32 {
    let path = try path(key, of: tenant)
    guard let real = realpath(path, nil) else {
      if errno == ENOENT || errno == ENOTDIR {
        throw Failure(
          .permanent, "object_not_found", "There is no object under this key.", fields: ["key": key.text])
      }
      throw Self.failure("read", key.text)
    }
    defer { free(real) }
    guard String(cString: real).hasPrefix("\(root)/\(tenant)/") else {
      throw Failure(
        .permanent, "invalid_object_key", "The key leads out of its tenant's folder.", fields: ["key": key.text])
    }
    let source = Glibc.open(real, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard source >= 0 else { throw Self.failure("read", key.text) }
    return source
  }

  private func path(_ key: ObjectKey, of tenant: TenantID) throws(Failure) -> String {
    "\(root)/\(try ObjectKey(tenant.rawValue).text)/\(key.text)"
  }

  /// Writes beside the final name, synchronises, and renames: nobody ever sees half of an object.
  private func place(_ key: ObjectKey, of tenant: TenantID, _ fill: (Int32) throws(Failure) -> Void) throws(Failure) {
    let path = try path(key, of: tenant)
    let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    try Self.createFolders(folder)
    let part = try Self.write(to: "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).part", fill)
    guard rename(part, path) == 0 else { throw Self.failure("write", key.text) }
    try Self.synchronise(folder)
  }
}
