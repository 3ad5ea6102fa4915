import Glibc
import IsolationDriver
import WorkerKit

// A program whose one worker does to its process whatever a job asks for.
let child = IsolatedChild(environment: .system) { _ in
  var registry = WorkerRegistry()
  try registry.register(MisbehavingWorker())
  return registry
}
exit(await child.serve(arguments: CommandLine.arguments))
