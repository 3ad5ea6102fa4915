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
    let source = try Self.openRegular(path)
    defer { close(source) }
    var hash = SHA256()
    var bytes = 0
    try Self.eachChunk(of: source) { chunk throws(Failure) in
      hash.update(bufferPointer: chunk)
      bytes += chunk.count
    }
    let digits = hash.finalize().hexadecimal
    let key = try ObjectKey("\(folder)/\(digits.prefix(2))/\(digits)\(suffix)")
    if !Self.isRegular(try self.path(key, of: tenant), bytes: bytes) {
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
    guard let real = Self.resolved(path) else {
      if errno == ENOENT || errno == ENOTDIR {
        throw Failure(
          .permanent, "object_not_found", "There is no object under this key.", fields: ["key": key.text])
      }
      throw Self.failure("read", key.text)
    }
    try refuse(key, leadingTo: real, outOf: tenant)
    return try Self.openRegular(real)
  }

  private func path(_ key: ObjectKey, of tenant: TenantID) throws(Failure) -> String {
    "\(root)/\(try ObjectKey(tenant: tenant).text)/\(key.text)"
  }

  /// Throws where a path without links is not in the tenant's folder. Bytes are compared, as the file system does.
  private func refuse(_ key: ObjectKey, leadingTo real: String, outOf tenant: TenantID) throws(Failure) {
    guard "\(real)/".utf8.starts(with: "\(root)/\(tenant)/".utf8) else {
      throw Failure(
        .permanent, "invalid_object_key", "The key leads out of its tenant's folder.", fields: ["key": key.text])
    }
  }

  /// Writes beside the final name, synchronises, and renames: nobody ever sees half of an object.
  private func place(_ key: ObjectKey, of tenant: TenantID, _ fill: (Int32) throws(Failure) -> Void) throws(Failure) {
    let path = try path(key, of: tenant)
    let folder = try makeFolder(of: key, tenant: tenant)
    // Not named for the object, whose name may be as long as a name can be.
    let part = try Self.write(to: "\(folder)/.\(getpid()).\(UInt64.random(in: 0 ... .max)).part", fill)
    guard rename(part, path) == 0 else {
      let failure = Self.placingFailure(key)
      unlink(part)
      throw failure
    }
    try Self.synchronise(folder)
  }

  /// Makes the folder of an object's file, durably, and checks each part: a link in it may lead out.
  private func makeFolder(of key: ObjectKey, tenant: TenantID) throws(Failure) -> String {
    var path = root
    for part in [try ObjectKey(tenant: tenant).text] + key.parts.dropLast() {
      let parent = path
      path += "/\(part)"
      if mkdir(path, 0o750) == 0 {
        try Self.synchronise(parent)
      } else if errno != EEXIST {
        throw Self.placingFailure(key)
      }
      guard let real = Self.resolved("\(path)/.") else { throw Self.placingFailure(key) }
      try refuse(key, leadingTo: real, outOf: tenant)
    }
    return path
  }

  /// The failure of the last system call on the way to an object's place.
  private static func placingFailure(_ key: ObjectKey) -> Failure {
    guard [ENOTDIR, EISDIR, EEXIST, ENOTEMPTY].contains(errno) else { return failure("write", key.text) }
    return Failure(
      .permanent, "object_key_taken", "A folder has this key, or an object has a part of it.",
      fields: ["key": key.text])
  }
}
