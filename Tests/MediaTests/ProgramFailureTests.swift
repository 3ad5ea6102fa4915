import Foundation
import MediaWorker
import TestProcesses
import Testing
import WorkerKit

@Suite("The picture program fails", .timeLimit(.minutes(5)))
struct ProgramFailureTests {
  @Test("A signal under the work is a crash with evidence, and the pool goes on", arguments: ["SEGV", "KILL"])
  func survivesSignals(signal: String) async throws {
    // The first child dies after it has begun to read its request; later ones are the real program.
    let dying = Darkroom.script(
      """
      if [ -e "$folder/died" ]; then exec "$imaging" "$@"; fi
      head -c 1 > "$folder/died"
      kill -\(signal) $$
      """)
    try await Darkroom.open(program: dying) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let failure = try await darkroom.failure()
      #expect(failure?.kind == .crash)
      #expect(failure?.code == "imaging_died")
      #expect(failure?.fields["signal"] == "SIG\(signal)")
      #expect(failure?.fields["cpu_seconds"] != nil)
      #expect(try await darkroom.run().artifacts.count == 3)
    }
  }

  @Test("The real program, killed while it holds a picture, is a crash too")
  func survivesTheDeathOfTheRealProgram() async throws {
    // A child is started for a picture, so whenever it dies before the answer, it dies under that picture.
    let killed = Darkroom.script(
      """
      if [ -e "$folder/killed" ]; then exec "$imaging" "$@"; fi
      touch "$folder/killed"
      (until readlink /proc/$$/exe | grep -q millrace-imaging; do :; done; kill -KILL $$) <&- >&- 2>&- &
      exec "$imaging" "$@"
      """)
    try await Darkroom.open(program: killed) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("large-and-dark.png"))
      let failure = try await darkroom.failure(["object": "uploads/picture.jpg", "widths": [9000, 8000, 7000]])
      #expect(failure?.kind == .crash)
      #expect(failure?.fields["signal"] == "SIGKILL")
      try await darkroom.put(try Darkroom.picture("still.webp"))
      #expect(try await darkroom.run().artifacts.count == 3)
    }
  }

  @Test("An exit under the work tells its status")
  func tellsTheStatus() async throws {
    try await Darkroom.open(program: Darkroom.script("head -c 1 > /dev/null; exit 7")) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let failure = try await darkroom.failure()
      #expect(failure?.kind == .crash)
      #expect(failure?.fields["exit_status"] == "7")
    }
  }

  @Test("A program that is missing is named, and may be installed later")
  func namesTheProgram() async throws {
    try await Darkroom.open(program: { "\($0)/nowhere/millrace-imaging" }) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let failure = try await darkroom.failure()
      #expect(failure?.kind == .transient)
      #expect(failure?.code == "imaging_not_started")
      #expect(failure?.fields["path"] == "\(darkroom.folder)/nowhere/millrace-imaging")
      #expect(failure?.fields["error"] == "No such file or directory")
    }
  }

  @Test("Another program's answer is told from a picture's", arguments: [#"\000\000\000\002{}"#, "no frame at all"])
  func refusesOtherAnswers(answer: String) async throws {
    let talking = Darkroom.script("head -c 1 > /dev/null; printf '\(answer)'; cat > /dev/null")
    try await Darkroom.open(program: talking) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let failure = try await darkroom.failure()
      #expect(failure?.kind == .transient)
      #expect(["imaging_unreadable", "imaging_protocol"].contains(failure?.code))
    }
  }

  @Test("A program that was taken over cannot make the worker keep another file")
  func keepsNoForeignFile() async throws {
    let report = """
      {"source":{"format":"webp","width":1,"height":1,"pages":1,"orientation":1,"has_alpha":false,"metadata":[]},\
      "files":[{"requested":[1],"width":1,"height":1,"path":"../../secret","bytes":6,"format":"webp"}]}
      """
    let length = UInt16(report.utf8.count)
    let frame = [0, 0, UInt8(length >> 8), UInt8(length & 0xff)] + Array(report.utf8)
    // Reads the whole request, four bytes of length before it, and then lies.
    let script = Darkroom.script(
      """
      set -- $(head -c 4 | od -An -tu1)
      head -c $(($3 * 256 + $4)) > /dev/null
      cat "$folder/answer"
      cat > /dev/null
      """)
    let lying = { (folder: String) in
      try Data(frame).write(to: URL(filePath: "\(folder)/answer"))
      return try script(folder)
    }
    try await Darkroom.open(program: lying) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      try "secret".write(toFile: "\(darkroom.folder)/secret", atomically: true, encoding: .utf8)
      let failure = try await darkroom.failure()
      #expect(failure?.code == "imaging_unreadable", "\(String(describing: failure))")
    }
  }

  @Test("Cancellation kills the child, and the pool goes on")
  func cancels() async throws {
    // Tells its number through a pipe once it has the request, and then works for ever.
    let endless = Darkroom.script(
      """
      if [ -e "$folder/begun" ]; then exec "$imaging" "$@"; fi
      head -c 1 > "$folder/begun"
      echo $$ > "$folder/pipe"
      while :; do :; done
      """)
    try await Darkroom.open(program: endless) { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      let pipe = Announcement("\(darkroom.folder)/pipe")
      let number = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          await #expect(throws: CancellationError.self) { try await darkroom.run() }
        }
        let told = await pipe.process()
        group.cancelAll()
        try await group.waitForAll()
        return try #require(told)
      }
      #expect(kill(number, 0) == -1 && errno == ESRCH, "The child is gone.")
      #expect(try darkroom.scratchNames() == [])
      #expect(try await darkroom.run().artifacts.count == 3)
    }
  }
}
