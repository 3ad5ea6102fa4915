import Foundation

/// A port on the loopback address that was free, taken until this is let go.
public final class LoopbackPort: Sendable {
  /// Its number.
  public let number: Int
  private let descriptor: Int32

  /// No port is free.
  struct NoneFree: Error {}

  /// Takes a port. A deaf one takes connections too, and never says a word.
  public init(isDeaf: Bool = false) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw NoneFree() }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isTaken = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isTaken, !isDeaf || listen(descriptor, 5) == 0 else {
      close(descriptor)
      throw NoneFree()
    }
    self.descriptor = descriptor
    number = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(descriptor) }

  /// The number of a port on which nothing listens: taken to learn it, then given back.
  public static func unused() throws -> Int { try LoopbackPort().number }
}
