internal import CSpawnShim
internal import Glibc
internal import ProcessChild

/// Starts one child with nothing of the parent's but three pipes.
struct ChildSpawn {
  let configuration: ChildPoolConfiguration

  /// Starts the program in a session of its own, with default signals, its own environment, folder `/`, and no
  /// descriptor but 0, 1 and 2.
  ///
  /// The child dies with the calling thread, so the thread that calls this must be the one that reaps the child.
  func start() throws(ChildStartFailure) -> ChildProcess {
    guard let input = Pipe.open(), let output = Pipe.open(), let errors = Pipe.open() else {
      throw ChildStartFailure(path: configuration.executable, step: "pipe")
    }
    var identifier: pid_t = 0
    let result = withCStrings(arguments) { arguments in
      withCStrings(environment) { environment in
        millrace_spawn(
          &identifier, configuration.executable, arguments, environment,
          input.reader.number, output.writer.number, errors.writer.number)
      }
    }
    guard result == 0 else {
      throw ChildStartFailure(path: configuration.executable, step: "spawn", errorNumber: result)
    }
    input.writer.setNonblocking()
    output.reader.setNonblocking()
    errors.reader.setNonblocking()
    return ChildProcess(identifier: identifier, input: input.writer, output: output.reader, errors: errors.reader)
  }

  private var arguments: [String] {
    var limits = configuration.limits
    limits.parentProcess = getpid()
    return [configuration.executable] + configuration.arguments + limits.arguments
  }

  private var environment: [String] {
    configuration.environment.map { "\($0.key)=\($0.value)" }.sorted()
  }
}

/// Lends texts to C as a null-terminated array of strings.
func withCStrings<Result>(
  _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let strings = texts.map { strdup($0) }
  defer { for string in strings { free(string) } }
  return body(strings + [nil])
}
