/// Where an outside answer to an attempt goes, and what lets it in.
public struct Callback: Sendable, Hashable {
  /// The path of the API that takes the answer with POST: `/v1/jobs/JOB/callback`.
  public let path: String
  /// The secret that the answer brings, as the header field `tokenField`. It is good for this attempt alone.
  public let token: String

  /// The header field of an answer that holds the token.
  public static let tokenField = "Millrace-Callback-Token"

  /// Describes where an answer goes.
  public init(path: String, token: String) {
    self.path = path
    self.token = token
  }
}

extension WorkerContext {
  /// Where an answer from outside goes, for a worker that means to throw `AwaitCallback`; nil where none can arrive: in
  /// a process of its own, or on a host that has no key for callbacks.
  public var callback: Callback? {
    callbacks.map { key in
      Callback(
        path: "/v1/jobs/\(job)/callback", token: key.token(for: FencedJob(job: job, fence: authority.fence)))
    }
  }
}
