import Glibc

/// Starts detached POSIX threads.
enum NamedThread {
  /// Runs `body` once on a thread of its own. The name is cut to 15 bytes, the most that Linux keeps.
  static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(name: String(name.prefix(15)), run: body))
    var thread = pthread_t()
    let result = pthread_create(&thread, nil, runThreadBody, box.toOpaque())
    precondition(result == 0, "The system has no thread left; raise the limit on processes (ulimit -u).")
    pthread_detach(thread)
  }
}

private final class ThreadBody: Sendable {
  let name: String
  let run: @Sendable () -> Void

  init(name: String, run: @escaping @Sendable () -> Void) {
    self.name = name
    self.run = run
  }
}

private func runThreadBody(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
  renameThread(to: body.name)
  body.run()
  return nil
}

/// Names the calling thread for `ps -L` and debuggers; pthread_setname_np is not imported, and a name is no promise.
private func renameThread(to name: String) {
  let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
  guard file >= 0 else { return }
  let bytes = Array(name.utf8)
  _ = write(file, bytes, bytes.count)
  close(file)
}
