import FoundationEssentials
import Glibc
import WorkerKit

/// Reads what `emit` sends.
enum EventFile {
  /// The most events of one request, fewer than a server takes.
  private static let mostEvents = 500
  /// About the most bytes of one request, half of what a server takes.
  private static let mostBytes = 4 << 20

  /// A payload, or another thing: JSON itself, `@FILE`, or `-` for standard input.
  static func payload(_ text: String, called name: String = "payload") throws(CommandError) -> JSON {
    let bytes: [UInt8] =
      if text == "-" {
        try standardInput()
      } else if text.hasPrefix("@") {
        try ReadableFile.bytes(of: String(text.dropFirst()))
      } else {
        Array(text.utf8)
      }
    do throws(JSONError) { return try JSONReader.parse(bytes) } catch {
      throw .usage("the \(name) is not JSON: \(error)")
    }
  }

  /// The one JSON value of a file, or of standard input for `-`.
  static func value(_ path: String) throws(CommandError) -> JSON {
    let bytes = path == "-" ? try standardInput() : try ReadableFile.bytes(of: path)
    do throws(JSONError) { return try JSONReader.parse(bytes) } catch {
      throw .failed("\(path):\(error.line):\(error.column): \(error.message)")
    }
  }

  /// The envelopes of a file, one on each line; empty lines count for nothing.
  static func read(_ path: String) throws(CommandError) -> [JSON] {
    let bytes = path == "-" ? try standardInput() : try ReadableFile.bytes(of: path)
    var events: [JSON] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      do throws(JSONError) { events.append(try JSONReader.parse(Array(line))) } catch {
        throw .failed("\(path):\(index + 1):\(error.column): \(error.message)")
      }
    }
    guard !events.isEmpty else { throw .failed("\(path) holds no events") }
    return events
  }

  /// The events in requests that a server takes.
  static func batches(of events: [JSON]) -> [[JSON]] {
    var batches: [[JSON]] = [[]]
    var bytes = 0
    for event in events {
      let size = event.bytes().count
      let last = batches.count - 1
      if batches[last].count == mostEvents || (bytes + size > mostBytes && !batches[last].isEmpty) {
        batches.append([])
        bytes = 0
      }
      batches[batches.count - 1].append(event)
      bytes += size
    }
    return batches
  }

  private static func standardInput() throws(CommandError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        count = max(0, Glibc.read(STDIN_FILENO, buffer.baseAddress, buffer.count))
      }
      if chunk.isEmpty { return bytes }
      bytes += chunk
    }
  }
}
