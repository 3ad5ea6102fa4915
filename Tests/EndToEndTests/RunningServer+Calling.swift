import Foundation

extension RunningServer {
  /// A server with one pipeline, `captions`, whose stages may call these hosts.
  static func captioning(
    _ text: String, allowing hosts: String, in folder: URL? = nil, _ arguments: [String] = []
  ) async throws -> RunningServer {
    let files = try PipelineFiles(in: folder, ["captions": text])
    return try await RunningServer(
      folder: files.folder, arguments: files.arguments + arguments, variables: ["MILLRACE_HTTP_ALLOW": hosts])
  }
}
