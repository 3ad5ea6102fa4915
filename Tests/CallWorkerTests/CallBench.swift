import CallWorker
import Logging
import Testing
import WorkerKit
import WorkerKitTesting

/// Runs attempts of `http.call`.
struct CallBench {
  let time = ManualTime()
  let worker: CallWorker
  /// What makes the tokens of callbacks; nil where none can arrive.
  var callbacks: CallbackKey?

  init(allowing hosts: String = "127.0.0.1", publicURL: String? = nil) throws {
    worker = try CallWorker(allowing: AllowedHosts(hosts)) { publicURL }
  }

  func call(_ options: JSON) async throws -> JSON {
    let environment = Environment.test(seed: 1, time: time)
    let context = WorkerContext(
      job: "job-1", run: "run-1", tenant: "acme", pipeline: "p", stage: "s", attempt: 3,
      authority: Authority(job: "job-1", epoch: .first, fence: .first, holder: "h"), logFields: [:],
      baseLog: Logger(label: "test"), environment: environment, callbacks: callbacks)
    let reader = try OptionReader(options, fields: CallOptions.fields)
    return try await worker.run(CallOptions(reader), context: context).json
  }

  /// The failure of a call, or nil where it succeeds.
  func failure(_ options: JSON) async -> Failure? {
    do {
      _ = try await call(options)
      return nil
    } catch {
      return error as? Failure ?? Failure(unclassified: error)
    }
  }
}
