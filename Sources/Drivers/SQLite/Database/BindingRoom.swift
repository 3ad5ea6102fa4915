/// Memory of a statement for the texts and bytes that are bound to it, so that SQLite allocates none for each of them.
///
/// It stays where it is as long as the statement lives: a value bound for an earlier run points to other bytes later,
/// but never to memory that is gone.
final class BindingRoom {
  private let start: UnsafeMutableRawPointer
  private var used = 0

  private static let capacity = 4096

  init() { start = .allocate(byteCount: Self.capacity, alignment: 8) }

  deinit { start.deallocate() }

  /// Copies bytes into the room; nil where they do not fit.
  func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
    guard let source = bytes.baseAddress, bytes.count <= Self.capacity - used else { return nil }
    let place = start + used
    place.copyMemory(from: source, byteCount: bytes.count)
    used += bytes.count
    return UnsafeRawPointer(place)
  }

  /// Makes room for what is bound next.
  func empty() { used = 0 }
}
