import Crypto

/// Makes and checks the tokens with which callbacks are answered, and keeps nothing of them: a token is the fence of
/// the attempt that waits, and a code over job and fence (HMAC-SHA256, RFC 2104) that only who has the key can make.
///
/// Hosts and the API that takes callbacks share the key, over restarts.
public struct CallbackKey: Sendable {
  /// The bytes of a key.
  public static let byteCount = 32

  private let key: SymmetricKey

  /// Takes a key of `byteCount` bytes that were drawn at random; nil for any other length.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    key = SymmetricKey(data: bytes)
  }

  /// The token for the attempt under a fence.
  public func token(for attempt: FencedJob) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: Self.text(attempt), using: key)
    return "\(attempt.fence.rawValue).\(Array(code).hexadecimal)"
  }

  /// The fence of the attempt of `job` that a token was made for; nil where this key did not make it. The codes are
  /// compared in constant time, so that a wrong one cannot be mended byte by byte.
  public func fence(in token: String, of job: JobID) -> Fence? {
    let parts = token.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard parts.count == 2, let number = Int64(String(decoding: parts[0], as: UTF8.self)),
      let code = Self.bytes(parts[1])
    else { return nil }
    let attempt = FencedJob(job: job, fence: Fence(rawValue: number))
    let isRight = HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Self.text(attempt), using: key)
    return isRight ? attempt.fence : nil
  }

  private static func text(_ attempt: FencedJob) -> [UInt8] {
    Array("millrace/callback/\(attempt.fence.rawValue)/\(attempt.job)".utf8)
  }

  /// The bytes that 64 hexadecimal digits write; nil for anything else.
  private static func bytes(_ digits: Substring.UTF8View.SubSequence) -> [UInt8]? {
    let values = digits.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
    guard digits.count == 64, values.count == 64 else { return nil }
    return stride(from: 0, to: 64, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
