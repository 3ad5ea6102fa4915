/// The functions that run inside the server: each verb of the queue is one of them, once for each queue of its batch,
/// and each verb of an event stream.
///
/// They are a library of Redis functions and not scripts: a library is kept and replicated with the data, a flush does
/// not take it away, and whoever only calls it needs no right to load one. Its name ends with a hash of its text, so
/// that two releases can work side by side and none can meet the other's code.
enum RedisLibrary {
  /// A function of the library.
  enum Function: String, CaseIterable {
    case push, lease, renew, finish, revoke, expired, known, depth
    case openQueue = "open_queue"
    case openAll = "open_all"
    case register, project
    case projectAll = "project_all"
    case noteOpened = "note_opened"
    case take, settle, leave, replay, dead
  }

  /// The library's name on the server.
  static let name = "millrace_" + version(of: template)
  /// What is loaded: the code, under its name.
  static let code = template.replacing("LIBRARY", with: name)

  /// A function's name on the server: those of all libraries share one space.
  static func name(of function: Function) -> String { "\(name)_\(function.rawValue)" }

  private static let template = [
    "#!lua name=LIBRARY\n", commonCode, lanesCode, turnsCode, waitingCode, leasingCode, holdingCode, readingCode,
    openingCode,
    streamCode,
  ].joined(separator: "\n")

  /// FNV-1a over the text, in hexadecimal.
  private static func version(of text: String) -> String {
    let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}
