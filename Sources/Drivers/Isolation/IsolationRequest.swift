import WorkerKit

/// What a process is told of one job.
struct IsolationRequest: Sendable {
  let work: IsolatedWork
  /// The job's own folder, which is there while it runs.
  let folder: String
  let cpuSeconds: Int
  let memoryBytes: Int

  init(work: IsolatedWork, folder: String, policy: IsolationPolicy) {
    self.work = work
    self.folder = folder
    cpuSeconds = policy.cpuSeconds
    memoryBytes = policy.memoryBytes
  }

  var bytes: [UInt8] {
    JSON.object([
      "work": work.json, "folder": .string(folder), "cpu_seconds": .integer(Int64(cpuSeconds)),
      "memory_bytes": .integer(Int64(memoryBytes)),
    ]).bytes()
  }

  /// Reads back what `bytes` wrote; nil where they are something else.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSONReader.parse(bytes), let work = json["work"].flatMap(IsolatedWork.init(json:)),
      case .string(let folder)? = json["folder"], case .integer(let cpuSeconds)? = json["cpu_seconds"],
      case .integer(let memoryBytes)? = json["memory_bytes"]
    else { return nil }
    self.work = work
    self.folder = folder
    self.cpuSeconds = Int(cpuSeconds)
    self.memoryBytes = Int(memoryBytes)
  }
}
