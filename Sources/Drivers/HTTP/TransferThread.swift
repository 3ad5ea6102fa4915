internal import CCurlShim
internal import Foundation

/// The loop on the client's own thread, which alone calls libcurl.
final class TransferThread {
  private let mailbox: TransferMailbox
  private let multi: MultiHandle
  private let configuration: HTTPClientConfiguration
  private var waiting = WaitingLine()
  private var running: [UnsafeMutableRawPointer: Exchange] = [:]
  private var idle: [EasyHandle] = []

  private init(_ mailbox: TransferMailbox, _ multi: MultiHandle, _ configuration: HTTPClientConfiguration) {
    self.mailbox = mailbox
    self.multi = multi
    self.configuration = configuration
  }

  /// Starts the thread; it ends after `mailbox.close`.
  static func start(_ mailbox: TransferMailbox, _ configuration: HTTPClientConfiguration) {
    let thread = Thread {
      Thread.current.name = "http"
      blockBrokenPipeSignal()
      let waiters = run(mailbox, configuration)
      // By now the multi handle is gone and with it every connection.
      for waiter in waiters { waiter.resume() }
    }
    thread.start()
  }

  private static func run(
    _ mailbox: TransferMailbox, _ configuration: HTTPClientConfiguration
  ) -> [CheckedContinuation<Void, Never>] {
    guard let multi = mailbox.multi else { return [] }
    let loop = TransferThread(mailbox, multi, configuration)
    loop.endAll(with: loop.runUntilClosed())
    return mailbox.finish()
  }

  /// OpenSSL writes to sockets without MSG_NOSIGNAL, and with NOSIGNAL libcurl leaves SIGPIPE to its caller.
  private static func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

extension TransferThread {
  /// Returns what the transfers that are left end with.
  private func runUntilClosed() -> HTTPFailure {
    while true {
      let mail = mailbox.take()
      waiting.append(mail.submitted)
      if mail.isClosing { return .closed }
      for transfer in mail.cancelled { cancel(transfer) }
      startWaiting()
      var count: Int32 = 0
      var code = curl_multi_perform(multi.pointer, &count)
      guard code == CURLM_OK else { return HTTPFailure(code) }
      collectFinished()
      startWaiting()
      code = curl_multi_poll(multi.pointer, nil, 0, pollMilliseconds, nil)
      guard code == CURLM_OK else { return HTTPFailure(code) }
    }
  }

  /// At most a second; libcurl's own timers make it shorter where a running transfer needs that.
  private var pollMilliseconds: Int32 {
    guard let first = waiting.earliestDeadline else { return 1_000 }
    let left = ContinuousClock.now.duration(to: first) / .milliseconds(1)
    return Int32(min(max(left.rounded(.up), 0), 1_000))
  }

  private func startWaiting() {
    for submission in waiting.takeExpired(at: .now) {
      submission.continuation.resume(returning: .failure(.timeout))
    }
    for submission in waiting.take(max(configuration.maximumTransfers, 1) - running.count) {
      do throws(HTTPFailure) {
        try start(submission)
      } catch {
        submission.continuation.resume(returning: .failure(error))
      }
    }
  }

  private func start(_ submission: Submission) throws(HTTPFailure) {
    guard let easy = idle.popLast() ?? EasyHandle() else { throw HTTPFailure(CURLE_OUT_OF_MEMORY) }
    let exchange = try Exchange(submission, easy: easy, configuration)
    let code = curl_multi_add_handle(multi.pointer, easy.pointer)
    guard code == CURLM_OK else { throw HTTPFailure(code) }
    running[easy.pointer] = exchange
  }

  private func collectFinished() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi.pointer, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      // Read first: the message is gone once its handle is removed.
      let code = CCurlShim_message_result(message)
      guard let exchange = running[easy] else { continue }
      end(exchange, with: exchange.result(of: code))
    }
  }

  private func cancel(_ transfer: Transfer) {
    if let submission = waiting.take(transfer) {
      submission.continuation.resume(returning: .failure(.cancelled))
    } else if let exchange = running.values.first(where: { $0.submission.transfer === transfer }) {
      end(exchange, with: .failure(.cancelled))
    }
  }

  private func end(_ exchange: Exchange, with result: HTTPResult) {
    let easy = exchange.easy
    curl_multi_remove_handle(multi.pointer, easy.pointer)
    running[easy.pointer] = nil
    curl_easy_reset(easy.pointer)
    idle.append(easy)
    exchange.submission.continuation.resume(returning: result)
  }

  private func endAll(with failure: HTTPFailure) {
    // Closes the mailbox also where the loop ended by itself, so that nothing is left in it unanswered.
    mailbox.close()
    waiting.append(mailbox.take().submitted)
    for exchange in Array(running.values) { end(exchange, with: .failure(failure)) }
    for submission in waiting.take(.max) { submission.continuation.resume(returning: .failure(failure)) }
    // libcurl wants its easy handles gone before the multi handle.
    idle = []
  }
}
