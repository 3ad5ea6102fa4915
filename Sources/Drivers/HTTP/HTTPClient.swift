/// Sends HTTP requests through libcurl, over connections that are kept open for later requests.
///
/// One thread of its own drives all transfers (`curl_multi_poll`), so a request takes up no thread while it waits.
/// A client that is no longer referenced closes itself.
public final class HTTPClient: Sendable {
  private let mailbox: TransferMailbox

  /// Starts the client's thread; it connects to nothing yet.
  /// - Throws: `other` if libcurl cannot be initialised.
  public init(_ configuration: HTTPClientConfiguration = HTTPClientConfiguration()) throws(HTTPFailure) {
    mailbox = TransferMailbox(multi: try MultiHandle(configuration))
    TransferThread.start(mailbox, configuration)
  }

  deinit { mailbox.close() }

  /// Sends a request and returns its complete response, of whatever status.
  ///
  /// Cancelling the task breaks the transfer off.
  /// - Throws: A failure if there is no complete response within the request's bounds. Even then the server may have
  ///   received the request and acted on it.
  public func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    try request.check()
    let transfer = Transfer(request)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { mailbox.submit(transfer, $0) }
    } onCancel: {
      mailbox.cancel(transfer)
    }
    return try result.get()
  }

  /// Closes all connections and returns when that is done; transfers in flight and later requests end with `closed`.
  public func close() async {
    await withCheckedContinuation { mailbox.close($0) }
  }
}
