/// Wakes a thread that waits in poll(2), from any thread.
final class Wakeup: Sendable {
  private let reader: Descriptor
  private let writer: Descriptor

  /// Opens the pipe behind it, or answers nil where the process has no descriptors left.
  init?() {
    guard let pipe = Pipe.open() else { return nil }
    pipe.reader.setNonblocking()
    pipe.writer.setNonblocking()
    reader = pipe.reader
    writer = pipe.writer
  }

  /// What to wait on.
  var descriptor: Int32 { reader.number }

  /// Wakes the thread, now or at its next wait. A full pipe means that it has been woken already.
  func wake() { _ = writer.writeAvailable([0]) }

  /// Forgets all wakes so far; what they announced must be looked at after this.
  func clear() { while let bytes = reader.readAvailable(), !bytes.isEmpty {} }
}
