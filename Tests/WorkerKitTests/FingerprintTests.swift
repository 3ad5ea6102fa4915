import Testing
import WorkerKit
import WorkerKitTesting

@Suite("Fingerprints of failures", .timeLimit(.minutes(5)))
struct FingerprintTests {
  private func fingerprint(
    _ message: String, _ kind: FailureKind = .transient, code: String = "http_503", worker: WorkerName = "http.call"
  ) -> Fingerprint {
    Fingerprint(of: Failure(kind, code, message), in: worker)
  }

  @Test func tenThousandFailuresOfOneCauseAreOne() {
    var random = SeededGenerator(seed: 7)
    var found: Set<Fingerprint> = []
    for _ in 0..<10_000 {
      let (number, id) = (UInt32.random(in: 0...(.max), using: &random), UInt64.random(in: 0...(.max), using: &random))
      let hexadecimal = String(id | 1 << 63, radix: 16)
      found.insert(
        fingerprint(
          "The file /data/objects/\(number)/\(hexadecimal).png of tenant \"t\(id)\" has \(number) bytes, "
            + "not 17: chunk 0x\(hexadecimal), job 01KAM0Z9W3K1S8X6D9J5R2T\(number % 10)V7, "
            + "host 10.\(number % 256).0.7:80\(number % 10), id=\(id)"))
    }
    #expect(found.count == 1)
  }

  @Test(arguments: [
    ("The picture ends after 17 bytes.", "The picture ends after <n> bytes."),
    ("It is 512x341, not 1.5 or 1,000.", "It is <n>x<n>, not <n> or <n>."),
    ("No file 'a b.png' here", "No file <text> here"),
    ("It isn't there and wasn't.", "It isn't there and wasn't."),
    ("Cannot open /tmp/a-b/c.txt: busy", "Cannot open <path>: busy"),
    ("See https://example.org/a?b=1.", "See <path>."),
    ("job 01KAM0Z9W3K1S8X6D9J5R2T4V7 is gone", "job <id> is gone"),
    ("key 7f3a9c21 (0xDEADBEE1) at=41", "key <id> (<id>) at=<n>"),
    ("peer fe80::1:2", "peer <id>"), ("rows 1 2 3 of it", "rows <n> of it"), ("  two\n lines\t", "two lines"),
    ("an \"open quote", "an \"open quote"), ("facade failed", "facade failed"), ("", ""),
  ])
  func whatVariesIsTakenOut(message: String, pattern: String) {
    #expect(Failure(.permanent, "a", message).pattern == pattern)
  }

  @Test func differentCausesDiffer() {
    let all = [
      fingerprint("The scanner is busy."), fingerprint("The scanner is away."),
      fingerprint("The scanner is busy.", .permanent), fingerprint("The scanner is busy.", code: "http_429"),
      fingerprint("The scanner is busy.", worker: "media.scan"),
    ]
    #expect(Set(all).count == all.count)
    struct OneError: Error {}
    struct OtherError: Error {}
    #expect(Failure(unclassified: OneError()).cause != Failure(unclassified: OtherError()).cause)
  }

  @Test func itIsTheSameInEveryProcess() {
    #expect(fingerprint("The scanner is busy.").description == "http.call:\(Failure.expectedCause)")
  }

  @Test func itsTextIsReadBack() {
    let print = fingerprint("The scanner is busy.")
    #expect(Fingerprint(print.description) == print)
    for text in ["", ":", "http.call", "http.call:", ":3fa9c1d2e4b5", "a:3fa9c1d2e4b", "a:3FA9C1D2E4B5", "a:b:"] {
      #expect(Fingerprint(text) == nil, "\(text)")
    }
  }

  @Test func itIsKeptWithTheFailure() {
    let failure = Failure(.transient, "busy", "The scanner is busy.")
    #expect(failure.json["cause"] == .string(failure.cause))
  }

  @Test func hostileMessagesAreCut() {
    let quotes = String(repeating: "\"'`“‘«„", count: 100_000)
    #expect(Failure(.permanent, "a", quotes).pattern.count <= 300)
    #expect(Failure(.permanent, "a", String(repeating: "a/", count: 100_000)).pattern == "<path>")
  }
}

extension Failure {
  fileprivate static let expectedCause = "0f92ee96515b"
}
