import Foundation
import ObjectStorageDriver
import Testing
import WorkerKit

@Suite("What a folder store refuses", .timeLimit(.minutes(5)))
struct RefusalTests {
  @Test(
    "A key that is no relative path of plain names",
    arguments: [
      "", "/", "/etc/passwd", "..", "../other/cat.jpg", "a/../../other/cat.jpg", "a/..", ".", "./a", "a/./b", "a//b",
      "a/", "a\0b", "a\nb", "a\u{7f}", "a\u{85}b", String(repeating: "n", count: 256),
      String(repeating: "12345678/", count: 114),
      // A slash and a combining mark are one character to Swift, and a slash to the file system.
      "../\u{301}other", "a/../../\u{200d}other", "..\u{2f}\u{fe0f}x",
    ])
  func refusesKeys(key: String) async throws {
    try await Depot.open { depot async throws in
      await depot.expectRefusal(key, "invalid_object_key")
      #expect(try depot.names() == ["objects"])
    }
  }

  @Test("A tenant whose name is no folder's name", arguments: ["", "..", "a/b", "/", "a\n"])
  func refusesTenants(name: String) async throws {
    try await Depot.open { depot async throws in
      let failure = await #expect(throws: Failure.self) {
        try await depot.store.write([1], as: "key", of: TenantID(name))
      }
      #expect(failure?.code == "invalid_object_key")
      #expect(try depot.names() == ["objects"])
    }
  }

  @Test("A link in the tenant's folder that leads out of it")
  func refusesLinksOut() async throws {
    try await Depot.open { depot async throws in
      let secret = try depot.file("secret", Data("secret".utf8))
      try depot.makeFolder(depot.path("inside"))
      try depot.makeFolder("\(depot.folder)/outside")
      try depot.link(depot.path("folder"), to: "\(depot.folder)/outside")
      try depot.link(depot.path("inside/up"), to: "../../..")
      try Data("secret".utf8).write(to: URL(filePath: "\(depot.folder)/outside/secret"))
      for key in ["folder/secret", "inside/up/secret"] { await depot.expectRefusal(key, "invalid_object_key") }
      let before = try depot.names()
      for key in ["folder/new", "folder/new/deep", "inside/up/new"] {
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.write([1], as: key, of: depot.tenant)
        }
        #expect(failure?.code == "invalid_object_key")
      }
      #expect(try depot.names() == before)
      try depot.link(depot.path("file"), to: secret)
      let failure = await #expect(throws: Failure.self) {
        try await depot.store.read("file", of: depot.tenant, limit: 99)
      }
      #expect(failure?.code == "invalid_object_key")
      // Writing replaces the link, and not what it leads to.
      try await depot.store.write([1], as: "file", of: depot.tenant)
      #expect(try depot.content(secret) == Array("secret".utf8))
    }
  }

  @Test("Another tenant's object, by key or by link, even where the names look the same")
  func keepsTenantsApart() async throws {
    try await Depot.open { depot async throws in
      // One letter, precomposed and decomposed: two names to the file system, equal texts to Swift.
      let (other, twin): (TenantID, TenantID) = ("caf\u{e9}", "cafe\u{301}")
      try await depot.store.write([7], as: "object", of: other)
      try depot.makeFolder("\(depot.root)/\(twin)")
      try depot.makeFolder(depot.path(""))
      for tenant in [depot.tenant, twin] {
        let missing = await #expect(throws: Failure.self) {
          try await depot.store.read("object", of: tenant, limit: 9)
        }
        #expect(missing?.code == "object_not_found")
        try depot.link("\(depot.root)/\(tenant)/link", to: "\(depot.root)/\(other)")
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.read("link/object", of: tenant, limit: 9)
        }
        #expect(failure?.code == "invalid_object_key")
        let unwritten = await #expect(throws: Failure.self) {
          try await depot.store.write([8], as: "link/object", of: tenant)
        }
        #expect(unwritten?.code == "invalid_object_key")
      }
      #expect(try await depot.store.read("object", of: other, limit: 9) == [7])
    }
  }

  @Test("What is not there is missing for good")
  func tellsMissing() async throws {
    try await Depot.open { depot async throws in
      try await depot.store.write([1], as: "file", of: depot.tenant)
      try depot.link(depot.path("dangling"), to: "nowhere")
      for key in ["none", "none/none", "file/none", "dangling"] {
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.fetch(key, of: depot.tenant, to: "\(depot.folder)/fetched")
        }
        #expect(failure?.code == "object_not_found")
        #expect(failure?.kind == .permanent)
        #expect(failure?.fields["key"] == key)
      }
      #expect(try !depot.names().contains("fetched"))
    }
  }

  @Test("What is larger than was asked for")
  func refusesTooLarge() async throws {
    try await Depot.open { depot async throws in
      try await depot.store.write([1, 2, 3], as: "three", of: depot.tenant)
      #expect(try await depot.store.read("three", of: depot.tenant, limit: 3) == [1, 2, 3])
      let failure = await #expect(throws: Failure.self) {
        try await depot.store.read("three", of: depot.tenant, limit: 2)
      }
      #expect(failure?.code == "object_too_large")
      #expect(failure?.kind == .permanent)
      #expect(failure?.fields == ["key": "three", "limit_bytes": "2"])
    }
  }

  @Test("A folder or a pipe under the key, without waiting for it")
  func refusesWhatIsNoFile() async throws {
    try await Depot.open { depot async throws in
      try depot.makeFolder(depot.path("folder"))
      #expect(mkfifo(depot.path("pipe"), 0o600) == 0)
      for key in ["folder", "pipe"] {
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.read(key, of: depot.tenant, limit: 9)
        }
        #expect(failure?.code == "object_not_a_file")
        #expect(failure?.kind == .permanent)
      }
      for path in [depot.path("folder"), depot.path("pipe")] {
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.keep(file: path, in: "kept", suffix: "", contentType: "x/y", of: depot.tenant)
        }
        #expect(failure?.code == "object_not_a_file")
      }
    }
  }

  @Test("A link as the file to keep, since it would be followed with more rights than its maker's")
  func refusesToKeepLinks() async throws {
    try await Depot.open { depot async throws in
      let link = "\(depot.folder)/thumbnail.webp"
      try depot.link(link, to: try depot.file("secret", Data("secret".utf8)))
      let failure = await #expect(throws: Failure.self) {
        try await depot.store.keep(file: link, in: "kept", suffix: "", contentType: "x/y", of: depot.tenant)
      }
      #expect(failure?.code == "object_not_a_file")
    }
  }

  @Test("A key whose place a folder has, or whose folder an object is; nothing half is left")
  func refusesTakenKeys() async throws {
    try await Depot.open { depot async throws in
      try await depot.store.write([1], as: "object", of: depot.tenant)
      try depot.makeFolder(depot.path("folder/below"))
      let before = try depot.names()
      for key in ["folder", "object/below", "object/far/below"] {
        let failure = await #expect(throws: Failure.self) {
          try await depot.store.write([2], as: key, of: depot.tenant)
        }
        #expect(failure?.code == "object_key_taken", "\(key)")
        #expect(failure?.kind == .permanent)
      }
      #expect(try depot.names() == before)
    }
  }

  @Test("A root that cannot be a folder is named, and may be mended")
  func namesTheRoot() async throws {
    try await Depot.open { depot async throws in
      let file = try depot.file("file", Data())
      let failure = #expect(throws: Failure.self) { try FolderObjectStore(root: "\(file)/objects") }
      #expect(failure?.kind == .transient)
      #expect(failure?.code == "object_store_unavailable")
      #expect(failure?.fields["path"]?.hasPrefix(file) == true)
    }
  }
}
