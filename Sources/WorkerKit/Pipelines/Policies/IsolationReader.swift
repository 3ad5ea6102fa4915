/// Reads `isolation`: the walls around jobs that run in processes of their own.
enum IsolationReader {
  static let keys = ["process", "memory", "cpu", "files", "file_size"]

  /// Reads the walls. What is wrong with them goes to `problems`; nil where something is, and for `process: false`.
  static func read(_ value: YAMLValue, path: String, into problems: inout ProblemList) -> IsolationPolicy? {
    let map = MappingReader(value, path: path, keys: keys, later: PipelineReader.later, into: &problems)
    guard let map else { return nil }
    let isProcess = map.required("process", into: &problems).flatMap { _ in map.flag("process", into: &problems) }
    let standard = IsolationPolicy.standard
    let memory = size("memory", of: map, within: IsolationPolicy.memoryRange, into: &problems)
    let fileSize = size("file_size", of: map, within: IsolationPolicy.fileRange, into: &problems)
    let files = map.count("files", within: IsolationPolicy.openFilesRange, into: &problems)
    let cpu = seconds("cpu", of: map, within: IsolationPolicy.cpuRange, into: &problems)
    guard isProcess != false else {
      for key in keys.dropFirst() {
        guard let member = map[key] else { continue }
        problems.note(.conflictingKeys, at: member.place, "\(map.path(key)) means nothing with process: false")
      }
      return nil
    }
    return IsolationPolicy(
      memoryBytes: memory ?? standard.memoryBytes, cpuSeconds: cpu ?? standard.cpuSeconds,
      fileBytes: fileSize ?? standard.fileBytes, openFiles: files ?? standard.openFiles)
  }

  private static func size(
    _ key: String, of map: MappingReader, within bounds: ClosedRange<Int>, into problems: inout ProblemList
  ) -> Int? {
    guard let value = map[key]?.value else { return nil }
    if case .scalar(let text, _) = value.content, let bytes = ByteSizeText.read(text), bounds.contains(bytes) {
      return bytes
    }
    problems.note(
      .invalidValue, at: value.place,
      "\(map.path(key)) must be a size from \(bounds.lowerBound >> 20)MiB to \(bounds.upperBound >> 40)TiB",
      hint: "write a number and KiB, MiB, GiB or TiB, like 1GiB")
    return nil
  }

  private static func seconds(
    _ key: String, of map: MappingReader, within bounds: ClosedRange<Int>, into problems: inout ProblemList
  ) -> Int? {
    let bounds = Duration.seconds(bounds.lowerBound)...Duration.seconds(bounds.upperBound)
    guard let length = map.duration(key, within: bounds, into: &problems) else { return nil }
    let (seconds, rest) = length.components
    if rest != 0, let value = map[key]?.value {
      problems.note(.invalidDuration, at: value.place, "\(map.path(key)) must be whole seconds")
    }
    return Int(seconds)
  }
}
