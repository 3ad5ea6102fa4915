internal import CCurlShim

/// Opens the sockets of one transfer, for the addresses that a filter lets through. The client's thread alone uses it.
///
/// It stands at the last step before a connection, and so sees the address that is connected to: a name that resolves
/// to another address than a moment ago does not get past it.
final class AddressDoor {
  private let target: HTTPTarget
  private let filter: @Sendable (HTTPPeer) -> Bool
  private var opened = 0
  private var refused = 0

  init(_ target: HTTPTarget, _ filter: @escaping @Sendable (HTTPPeer) -> Bool) {
    self.target = target
    self.filter = filter
  }

  /// True where there were addresses, and none was let through.
  var refusedAll: Bool { refused > 0 && opened == 0 }

  /// Lets libcurl ask here for its sockets; the door has to outlive the transfer.
  func stand(before easy: EasyHandle) throws(HTTPFailure) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try easy.check(CCurlShim_easy_setopt_opener(easy.pointer, openSocket, context))
  }

  fileprivate func open(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
    let bytes = [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      count = Int(CCurlShim_address_bytes(address, buffer.baseAddress))
    }
    guard !bytes.isEmpty, filter(HTTPPeer(target: target, address: bytes)) else {
      refused += 1
      return CCurlShim_no_socket()
    }
    opened += 1
    return CCurlShim_open_socket(address)
  }
}

private func openSocket(
  _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
  guard let context, let address else { return CCurlShim_no_socket() }
  return Unmanaged<AddressDoor>.fromOpaque(context).takeUnretainedValue().open(address)
}
