public import Foundation

extension FileHandle {
  /// What can be read, once there is something; nothing at the end.
  /// - Throws: `ProgramProblem.late`, where nothing comes for two minutes.
  public func available() async throws -> Data {
    try await Promise { self.availableData }.value(of: "the other end", within: 120)
  }
}
