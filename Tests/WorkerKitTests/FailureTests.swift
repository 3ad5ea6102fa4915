import Testing
import WorkerKit

@Suite("Failures and artifacts")
struct FailureTests {
  @Test(arguments: FailureKind.allCases) func failuresRoundTrip(kind: FailureKind) {
    let failure = Failure(kind, "a_code", "A message.", fields: ["path": "a/\"b\"", "size": "12"])
    #expect(Failure(json: failure.json) == failure)
    let bare = Failure(kind, "a_code", "A message.")
    #expect(Failure(json: bare.json) == bare)
    #expect(bare.json["fields"] == nil)
  }

  @Test func theWaitThatWasAskedForIsNotKept() {
    let failure = Failure(.transient, "busy", "The server is busy.", retryAfter: .seconds(9))
    #expect(failure.retryAfter == .seconds(9))
    #expect(Failure(json: failure.json)?.retryAfter == nil)
  }

  @Test(
    arguments: [
      .null, [], "x", [:], ["kind": "odd", "code": "a", "message": "b"], ["kind": "crash", "code": 1, "message": "b"],
      ["kind": "crash", "message": "b"], ["kind": "crash", "code": "a"],
    ] as [JSON]) func whatIsNoFailureIsNone(json: JSON)
  {
    #expect(Failure(json: json) == nil)
  }

  @Test func longTextsAreCut() {
    let long = "e" + String(repeating: "\u{301}", count: 100_000)
    let failure = Failure(.permanent, "long", long, fields: ["detail": String(repeating: "a", count: 5_000)])
    #expect(failure.message.unicodeScalars.count == 1_000)
    #expect(failure.fields["detail"]?.count == 1_000)
    let fits = String(repeating: "é", count: 1_000)
    #expect(Failure(.permanent, "fits", fits).message == fits)
  }

  @Test func unclassifiedErrorsAreTransientAndNameTheirType() {
    struct SecretError: Error { let secret = "hunter2" }
    let failure = Failure(unclassified: SecretError())
    #expect(failure.kind == .transient)
    #expect(failure.fields == ["error_type": "SecretError"])
  }

  @Test func driverErrorsKeepTheirCode() {
    let refused = Failure(driver: DriverError(.refused, "too_large", "It is too large.", detail: "9 bytes"))
    #expect(refused == Failure(.permanent, "too_large", "It is too large.", fields: ["detail": "9 bytes"]))
    for kind in [DriverError.Kind.unavailable, .full, .damaged, .closed] {
      #expect(Failure(driver: DriverError(kind, "a", "b")) == Failure(.transient, "a", "b"))
    }
    #expect(DriverError(.full, "full", "Make room.").isTransient)
    #expect(!DriverError(.damaged, "torn", "Look.").isTransient)
    #expect(DriverError(.full, "full", "Make room.", detail: "x").description == "Make room. (full: x)")
  }

  @Test func artifactsRoundTrip() {
    let artifact = Artifact(key: "thumbnails/ab/abcd.webp", contentType: "image/webp", bytes: 1 << 40, sha256: "abcd")
    #expect(Artifact(json: artifact.json) == artifact)
    for key in ["key", "content_type", "bytes", "sha256"] {
      guard case .object(var object) = artifact.json else { return }
      object[key] = .null
      #expect(Artifact(json: .object(object)) == nil)
    }
    #expect(Artifact(json: []) == nil)
  }
}
