import Foundation
import SQLiteDriver
import Testing
import WorkerKit
import WorkerKitTesting

/// A folder that is taken away after a test, and tables that a test can see through.
struct Notebook {
  let folder: String
  var path: String { "\(folder)/notes.db" }

  /// Runs a test's body with a folder of its own.
  static func open(_ body: (Notebook) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sqlite-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let result: Result<Void, any Error>
    do { result = .success(try await body(Notebook(folder: folder))) } catch { result = .failure(error) }
    try FileManager.default.removeItem(atPath: folder)
    try result.get()
  }

  /// Runs a test's body with a store in a folder of its own.
  static func withStore(_ body: (SQLiteEmbedded) async throws -> Void) async throws {
    try await open { notebook async throws in
      let embedded = try SQLiteEmbedded(path: notebook.path, environment: .test(seed: 1))
      let result: Result<Void, any Error>
      do { result = .success(try await body(embedded)) } catch { result = .failure(error) }
      await embedded.database.close()
      try result.get()
    }
  }

  /// Opens the file with a table for notes.
  func database() async throws -> SQLiteDatabase {
    let database = try SQLiteDatabase(path: path)
    try await database.write { transaction in
      _ = try transaction.run("CREATE TABLE IF NOT EXISTS notes (number INTEGER PRIMARY KEY, body BLOB)")
    }
    return database
  }

  /// Runs a body with an open file, and closes it afterwards.
  func withDatabase(_ body: (SQLiteDatabase) async throws -> Void) async throws {
    let database = try await database()
    let result: Result<Void, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.close()
    try result.get()
  }

  /// Opens the file again to see what it holds.
  func expectNotes(_ numbers: [Int], location: SourceLocation = #_sourceLocation) async throws {
    try await withDatabase { database async throws in
      let notes = try await database.notes
      #expect(notes == numbers, sourceLocation: location)
    }
  }

  var content: Data {
    get throws { try Data(contentsOf: URL(filePath: path)) }
  }

  func replaceContent(with bytes: Data) throws { try bytes.write(to: URL(filePath: path)) }
}

extension SQLiteDatabase {
  /// Writes one note.
  func note(_ number: Int, _ body: [UInt8] = []) async throws(DriverError) {
    try await write { try $0.note(number, body) }
  }

  /// The numbers of all notes, as a reader sees them.
  var notes: [Int] {
    get async throws(DriverError) { try await read { try $0.notes } }
  }
}

extension SQLiteTransaction {
  func note(_ number: Int, _ body: [UInt8] = []) throws(DriverError) {
    try run("INSERT INTO notes VALUES (?1, ?2)", .integer(Int64(number)), .bytes(body))
  }

  var notes: [Int] {
    get throws(DriverError) {
      try rows("SELECT number FROM notes ORDER BY number").compactMap { row in
        if case .integer(let number)? = row.first { Int(number) } else { nil }
      }
    }
  }
}
