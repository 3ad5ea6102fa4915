import Foundation
import ObjectStorageDriver
import Testing
import WorkerKit

@Suite("What is kept in a folder is there", .timeLimit(.minutes(5)))
struct RoundTripTests {
  @Test("Written, it can be read and fetched", arguments: ["cat.jpg", "uploads/2026/cat.jpg", "ü/🐈.jpg", "a\u{301}/b"])
  func keeps(key: String) async throws {
    try await Depot.open { depot async throws in
      let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
      try await depot.store.write(bytes, as: key, of: depot.tenant)
      #expect(try await depot.store.read(key, of: depot.tenant, limit: 1000) == bytes)
      try await depot.store.fetch(key, of: depot.tenant, to: "\(depot.folder)/fetched")
      #expect(try depot.content("\(depot.folder)/fetched") == bytes)
      #expect(try !depot.names().contains { $0.hasSuffix(".part") })
      let reopened = try FolderObjectStore(root: depot.root)
      #expect(try await reopened.read(key, of: depot.tenant, limit: 1000) == bytes)
    }
  }

  @Test("A name as long as a name can be is kept")
  func keepsLongNames() async throws {
    try await Depot.open { depot async throws in
      let key = String(repeating: "n", count: 255)
      try await depot.store.write([1], as: key, of: depot.tenant)
      #expect(try await depot.store.read(key, of: depot.tenant, limit: 1) == [1])
    }
  }

  @Test("An empty object is an object")
  func keepsNothing() async throws {
    try await Depot.open { depot async throws in
      try await depot.store.write([], as: "empty", of: depot.tenant)
      #expect(try await depot.store.read("empty", of: depot.tenant, limit: 0) == [])
    }
  }

  @Test("A large object streams")
  func streams() async throws {
    try await Depot.open { depot async throws in
      let bytes = (0..<20 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 11) }
      try await depot.store.write(bytes, as: "large", of: depot.tenant)
      try await depot.store.fetch("large", of: depot.tenant, to: "\(depot.folder)/fetched")
      #expect(try depot.content("\(depot.folder)/fetched") == bytes)
      #expect(try await depot.store.read("large", of: depot.tenant, limit: bytes.count) == bytes)
      let artifact = try await depot.store.keep(
        file: "\(depot.folder)/fetched", in: "kept", suffix: ".bin", contentType: "x/y", of: depot.tenant)
      #expect(artifact.bytes == bytes.count)
      #expect(try depot.content(depot.path(artifact.key)) == bytes)
    }
  }

  @Test("A reader sees the old content or the new, and never half of it")
  func overwritesAtomically() async throws {
    try await Depot.open { depot async throws in
      // Two stores, because one works off its calls one after the other.
      let (writer, key) = (try FolderObjectStore(root: depot.root), "contended")
      let contents = (0..<4).map { [UInt8](repeating: UInt8($0), count: 300_000 + $0 * 1000) }
      try await writer.write(contents[0], as: key, of: depot.tenant)
      async let written: Void = {
        for round in 0..<60 { try await writer.write(contents[round % 4], as: key, of: depot.tenant) }
      }()
      for _ in 0..<200 {
        let seen = try await depot.store.read(key, of: depot.tenant, limit: 400_000)
        let isWhole = contents.contains(seen)
        #expect(isWhole)
      }
      try await written
      #expect(try depot.names() == ["objects", "objects/acme", "objects/acme/contended"])
    }
  }

  @Test("A file is kept under its content's hash, and once")
  func keepsByContent() async throws {
    try await Depot.open { depot async throws in
      let file = try depot.file("abc", Data("abc".utf8))
      // FIPS 180-4's example:
      // https://csrc.nist.gov/csrc/media/projects/cryptographic-standards-and-guidelines/documents/examples/sha256.pdf
      let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      let expected = Artifact(key: "kept/ba/\(digest)-1.txt", contentType: "text/plain", bytes: 3, sha256: digest)
      for _ in 0..<2 {
        let artifact = try await depot.store.keep(
          file: file, in: "kept", suffix: "-1.txt", contentType: "text/plain", of: depot.tenant)
        #expect(artifact == expected)
      }
      #expect(try depot.names().filter { $0.contains(digest) } == ["objects/acme/kept/ba/\(digest)-1.txt"])
      #expect(try depot.content(file) == Array("abc".utf8))
    }
  }

  @Test("What stands under the hash but is not the content is replaced")
  func mendsWhatIsKept() async throws {
    try await Depot.open { depot async throws in
      let file = try depot.file("abc", Data("abc".utf8))
      let keep = {
        try await depot.store.keep(file: file, in: "kept", suffix: "", contentType: "text/plain", of: depot.tenant)
      }
      let path = depot.path(try await keep().key)
      try Data().write(to: URL(filePath: path))
      _ = try await keep()
      #expect(try depot.content(path) == Array("abc".utf8))
    }
  }
}
