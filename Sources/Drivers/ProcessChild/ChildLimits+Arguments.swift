extension ChildLimits {
  private static let prefix = "--limit-"

  /// These bounds as command line arguments, which `init(arguments:)` reads back.
  public var arguments: [String] {
    let fields: [(String, UInt64?)] = [
      ("address-space", addressSpaceBytes), ("cpu-seconds", cpuSeconds), ("file-size", fileSizeBytes),
      ("open-files", openFiles), ("parent-process", parentProcess.map { UInt64($0) }),
    ]
    return fields.compactMap { name, value in value.map { "\(Self.prefix)\(name)=\($0)" } }
  }

  /// Reads the bounds out of a command line and leaves all other arguments aside.
  /// - Throws: `.unreadable` for an argument that starts with `--limit-` and is not one of `arguments`.
  public init(arguments: [String]) throws(ChildSetupFailure) {
    self.init()
    for argument in arguments where argument.hasPrefix(Self.prefix) {
      let parts = argument.dropFirst(Self.prefix.count).split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = UInt64(parts[1]) else { throw .unreadable(argument: argument) }
      switch parts[0] {
      case "address-space": addressSpaceBytes = value
      case "cpu-seconds": cpuSeconds = value
      case "file-size": fileSizeBytes = value
      case "open-files": openFiles = value
      case "parent-process":
        guard let process = Int32(exactly: value) else { throw .unreadable(argument: argument) }
        parentProcess = process
      default: throw .unreadable(argument: argument)
      }
    }
  }
}
