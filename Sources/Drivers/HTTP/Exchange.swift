internal import CCurlShim

/// A transfer in libcurl's hands: its options, and what has been received so far. The client's thread alone uses it.
final class Exchange {
  let submission: Submission
  let easy: EasyHandle
  private let headerList = HeaderList()
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var body: [UInt8] = []
  private var isTooLarge = false
  private let door: AddressDoor?

  init(_ submission: Submission, easy: EasyHandle, _ configuration: HTTPClientConfiguration) throws(HTTPFailure) {
    self.submission = submission
    self.easy = easy
    door = try configuration.addressFilter.map { filter throws(HTTPFailure) in
      AddressDoor(try HTTPTarget(url: submission.transfer.request.url), filter)
    }
    try setBounds()
    try setConnection(configuration)
    try setMethod(configuration)
    try setHeaders(configuration)
    try setReceivers()
  }

  private var request: HTTPRequest { submission.transfer.request }

  func result(of code: CURLcode) -> HTTPResult {
    if isTooLarge { return .failure(.responseTooLarge) }
    if code != CURLE_OK, door?.refusedAll == true { return .failure(.addressNotAllowed) }
    guard code == CURLE_OK else { return .failure(HTTPFailure(code)) }
    let status = CCurlShim_easy_getinfo_status(easy.pointer)
    return .success(HTTPResponse(status: status, headers: headers, body: body))
  }
}

extension Exchange {
  private func setBounds() throws(HTTPFailure) {
    let remaining = ContinuousClock.now.duration(to: submission.transfer.deadline)
    try easy.set(CURLOPT_TIMEOUT_MS, remaining.milliseconds)
    try easy.set(CURLOPT_CONNECTTIMEOUT_MS, min(request.connectTimeout.milliseconds, remaining.milliseconds))
    // Alarms and signal handlers belong to the whole process.
    try easy.set(CURLOPT_NOSIGNAL, 1)
    try easy.check(CCurlShim_easy_setopt_quick_exit(easy.pointer))
  }

  private func setConnection(_ configuration: HTTPClientConfiguration) throws(HTTPFailure) {
    try easy.check(CCurlShim_easy_setopt_http_only(easy.pointer))
    try easy.set(CURLOPT_URL, request.url)
    try easy.set(CURLOPT_PROXY, configuration.proxy ?? "")
    // Set in both cases, or libcurl reads the environment.
    try easy.set(CURLOPT_NOPROXY, configuration.proxy == nil ? "*" : "")
    try door?.stand(before: easy)
  }

  private func setMethod(_ configuration: HTTPClientConfiguration) throws(HTTPFailure) {
    let hasBody = !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method)
    if hasBody {
      try easy.set(CURLOPT_POST, 1)
      try easy.check(CCurlShim_easy_setopt_body(easy.pointer, request.body, curl_off_t(request.body.count)))
    }
    if request.method == "HEAD" {
      try easy.set(CURLOPT_NOBODY, 1)
    } else {
      try easy.set(CURLOPT_CUSTOMREQUEST, request.method)
    }
    // A filter is told the host of the request's URL, and could not tell that of a redirect.
    let isRepeatable = !hasBody && ["GET", "HEAD"].contains(request.method) && door == nil
    let redirects = isRepeatable ? min(max(configuration.maximumRedirects, 0), 1_000) : 0
    try easy.set(CURLOPT_FOLLOWLOCATION, redirects > 0 ? 1 : 0)
    try easy.set(CURLOPT_MAXREDIRS, redirects)
  }

  private func setHeaders(_ configuration: HTTPClientConfiguration) throws(HTTPFailure) {
    try easy.set(CURLOPT_USERAGENT, configuration.userAgent)
    for field in request.headers.fields {
      // To libcurl a name and a colon remove a field; a name and a semicolon send it without a value.
      try headerList.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    // What libcurl would add by itself: a pause of a second before large bodies, and a form's type for any body.
    for name in ["Expect", "Content-Type"] where request.headers[name] == nil {
      try headerList.append("\(name):")
    }
    try easy.check(CCurlShim_easy_setopt_pointer(easy.pointer, CURLOPT_HTTPHEADER, headerList.pointer))
  }

  private func setReceivers() throws(HTTPFailure) {
    // The loop keeps the exchange until libcurl has let go of the easy handle.
    let context = Unmanaged.passUnretained(self).toOpaque()
    try easy.check(CCurlShim_easy_setopt_receivers(easy.pointer, receiveHeader, receiveBody, context))
  }

  fileprivate func receive(header line: UnsafeRawBufferPointer) -> Bool {
    headerBytes += line.count
    isTooLarge = isTooLarge || headerBytes > 256 << 10
    // Each status line begins a new header: those before it were interim responses or redirects.
    if line.starts(with: "HTTP/".utf8) { headers.removeAll() }
    if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
      headers.add(name: text(line[..<colon]), value: text(line[(colon + 1)...]))
    }
    return !isTooLarge
  }

  /// The text without the space and the line end around it.
  private func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    guard let first = bytes.firstIndex(where: { $0 > 0x20 }), let last = bytes.lastIndex(where: { $0 > 0x20 })
    else { return "" }
    return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[first...last]), as: UTF8.self)
  }

  fileprivate func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
    isTooLarge = isTooLarge || body.count + bytes.count > request.maximumResponseBytes
    if !isTooLarge { body.append(contentsOf: bytes) }
    return !isTooLarge
  }
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return exchange.receive(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return exchange.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}

extension Duration {
  /// Whole milliseconds from 1 to about 24 days: to libcurl 0 is no limit at all, and it counts in 32 bits.
  fileprivate var milliseconds: Int { Int(min(max(self / .milliseconds(1), 1), 2_000_000_000)) }
}
