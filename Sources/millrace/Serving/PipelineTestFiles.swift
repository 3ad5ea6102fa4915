import Dispatcher
import FoundationEssentials

/// Finds tests of pipelines.
enum PipelineTestFiles {
  /// A test file, and the pipeline that it tests.
  struct Pair {
    let test: String
    let pipeline: String
  }

  /// The test files that `paths` name: each a test, a pipeline with a test beside it, or a folder of them.
  static func find(_ paths: [String]) throws(CommandError) -> [Pair] {
    var pairs: [Pair] = []
    for path in paths {
      for test in try tests(at: path) { pairs.append(Pair(test: test, pipeline: try pipeline(of: test))) }
    }
    return pairs
  }

  private static func tests(at path: String) throws(CommandError) -> [String] {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw .failed("there is no file or folder \(path)")
    }
    guard isFolder else {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      if PipelineFolder.isTest(name) { return [path] }
      let tests = Self.endings.map { "\(stem(path)).test.\($0)" }.filter(FileManager.default.fileExists(atPath:))
      guard !tests.isEmpty else { throw .failed("\(path) has no test; write one as \(stem(path)).test.yaml") }
      return tests
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw .failed("cannot read the folder \(path)")
    }
    let tests = names.sorted().filter(PipelineFolder.isTest)
    guard !tests.isEmpty else {
      throw .failed("\(path) has no tests; write those of NAME.yaml as NAME.test.yaml beside it")
    }
    return tests.map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
  }

  private static let endings = ["yaml", "yml"]

  /// The path without its last ending.
  private static func stem(_ path: String) -> String {
    path.lastIndex(of: ".").map { String(path[..<$0]) } ?? path
  }

  private static func pipeline(of test: String) throws(CommandError) -> String {
    let stem = stem(stem(test))
    let found = endings.map { "\(stem).\($0)" }.first(where: FileManager.default.fileExists(atPath:))
    guard let found else { throw .failed("\(test) has no pipeline beside it: \(stem).yaml is missing") }
    return found
  }
}
