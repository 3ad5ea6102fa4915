import Dispatcher
import Glibc
import WorkerKit

/// What a server is told when it starts.
struct ServerConfiguration {
  let data: DataFolder
  /// Where store and queue are; nil for the data folder.
  let servers: StoreServers?
  let api: APIOptions
  /// Where services reach the API; nil for where it listens.
  let publicURL: String?
  /// The folder of pipelines; nil for those that were active before.
  let pipelines: String?
  let lease: Duration
  let pictureMemory: UInt64
  /// False where others do the jobs.
  let works: Bool
  /// How much may wait before less is let in.
  let highWater: HighWater
  let retention: RetentionPolicy

  /// Where spans wait for the collector: of servers that share a data folder, each has a folder of its own.
  var spans: String {
    guard servers != nil else { return data.spans }
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(data.spans)/\(host)-\(api.port)"
  }

  /// Why the server cannot start or go on, for a person.
  func failure(_ error: any Error) -> any Error {
    let place = servers == nil ? "cannot open the data folder \(data.path): " : ""
    switch error {
    case let error as DriverError: return CommandError.failed("\(place)\(error)")
    case let error as Failure: return CommandError.failed("\(place)\(error.message)")
    default: return error
    }
  }
}
