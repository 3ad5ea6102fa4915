import FoundationEssentials
import Synchronization

/// Spans that wait for the collector: a file for each batch, in a folder, sent and removed in their order.
///
/// Every verb blocks, and is called on the exporter's thread for files.
final class SpanSpool: Sendable {
  /// One batch.
  struct Entry: Sendable, Hashable {
    let number: UInt64
    let spans: Int
    /// The disk that it takes.
    let bytes: Int

    /// The number in 20 digits, so that names sort, and the count, so that what is dropped unread is counted.
    var name: String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + "-\(spans).json"
    }
  }

  private struct State {
    var entries: [Entry] = []
    var next: UInt64 = 1
    var bytes = 0

    /// Takes out the oldest entries until the rest is within `limit`; the newest stays.
    mutating func dropOldest(beyond limit: Int) -> [Entry] {
      var dropped: [Entry] = []
      while bytes > limit, entries.count > 1 {
        let oldest = entries.removeFirst()
        bytes -= oldest.bytes
        dropped.append(oldest)
      }
      return dropped
    }
  }

  private let folder: String
  private let limit: Int
  private let state: Mutex<State>

  /// Uses, and where it is missing creates, the folder, and finds what an earlier process left in it.
  init(folder: String, limit: Int) throws {
    self.folder = folder
    self.limit = limit
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    var state = State()
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      guard let entry = Self.entry(named: name, in: folder) else {
        // Half a batch, from a process that was killed while it wrote.
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        continue
      }
      state.entries.append(entry)
      state.bytes += entry.bytes
      state.next = entry.number + 1
    }
    self.state = Mutex(state)
  }

  /// The disk that the waiting batches take.
  var bytes: Int { state.withLock { $0.bytes } }

  /// The batch that has waited longest.
  var oldest: Entry? { state.withLock { $0.entries.first } }

  /// Keeps a batch, and then drops the oldest ones where there is too little room: for the time of one write it is one
  /// batch beyond its limit, so that a batch that cannot be written costs no other.
  /// - Returns: How many spans were dropped.
  func append(_ content: [UInt8], spans: Int) throws -> Int {
    let entry = state.withLock { state in
      defer { state.next += 1 }
      return Entry(number: state.next, spans: spans, bytes: Self.blocks(content.count))
    }
    try Data(content).write(to: URL(filePath: "\(folder)/\(entry.name)"), options: .atomic)
    let dropped = state.withLock { state in
      state.entries.append(entry)
      state.bytes += entry.bytes
      return state.dropOldest(beyond: limit)
    }
    for entry in dropped { try? FileManager.default.removeItem(atPath: "\(folder)/\(entry.name)") }
    return dropped.reduce(0) { $0 + $1.spans }
  }

  /// A batch's bytes; nil where it is gone.
  func read(_ entry: Entry) -> [UInt8]? {
    (try? Data(contentsOf: URL(filePath: "\(folder)/\(entry.name)"))).map { Array($0) }
  }

  /// Forgets a batch.
  func remove(_ entry: Entry) {
    state.withLock { state in
      guard let index = state.entries.firstIndex(of: entry) else { return }
      state.entries.remove(at: index)
      state.bytes -= entry.bytes
    }
    try? FileManager.default.removeItem(atPath: "\(folder)/\(entry.name)")
  }

  private static func entry(named name: String, in folder: String) -> Entry? {
    let parts = name.split(separator: "-")
    guard parts.count == 2, name.hasSuffix(".json"), let number = UInt64(parts[0]),
      let spans = Int(parts[1].dropLast(".json".count)),
      let size = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int
    else { return nil }
    let entry = Entry(number: number, spans: spans, bytes: blocks(size))
    return entry.name == name ? entry : nil
  }

  /// A file takes whole blocks.
  private static func blocks(_ bytes: Int) -> Int { max(1, (bytes + 4095) / 4096) * 4096 }
}
