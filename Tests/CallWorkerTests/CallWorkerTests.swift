import Foundation
import HTTPDriver
import Testing
import WorkerKit

@testable import CallWorker

@Suite("http.call", .timeLimit(.minutes(5)))
struct CallWorkerTests {
  let server: CallServer
  let bench: CallBench

  init() async throws {
    server = try await CallServer.shared.value
    bench = try CallBench()
  }

  private func url(_ path: String) -> JSON { .string(server.url(path)) }

  @Test func sendsWhatItSays() async throws {
    let output = try await bench.call([
      "url": url("/echo"), "headers": ["X-One": "1", "Content-Type": "application/vnd.acme+json"],
      "body": ["b": [1, nil], "a": "é"],
    ])
    #expect(output["status"] == 200)
    #expect(output["headers"] == ["content-type": "application/json", "etag": #""7""#])
    let seen = try #require(output["body"])
    #expect(seen["method"] == "POST")
    #expect(seen["body"] == #"{"a":"é","b":[1,null]}"#)
    let headers = seen["headers"]
    #expect(headers?["x-one"] == "1")
    #expect(headers?["content-type"] == "application/vnd.acme+json")
    #expect(headers?["idempotency-key"] == "job-1")
    #expect(headers?["millrace-job-id"] == "job-1")
    #expect(headers?["millrace-attempt"] == "3")
  }

  @Test(arguments: ["GET", "PUT", "PATCH", "DELETE"]) func otherMethods(method: String) async throws {
    let output = try await bench.call(["url": url("/echo"), "method": .string(method)])
    #expect(output["body"]?["method"] == .string(method))
    #expect(output["body"]?["body"] == "")
    #expect(output["body"]?["headers"]?["content-type"] == nil)
  }

  @Test(
    arguments: [
      ("Content-Type=application/problem%2Bjson&body=%7B%22a%22:1%7D", ["a": 1]),
      ("Content-Type=text/plain&body=%7B%22a%22:1%7D", #"{"a":1}"#),
      ("body=plain", "plain"), ("", nil), ("status=204", nil), ("Content-Type=application/json", nil),
      ("body=%FF%00", ["data_base64": "/wA="]),
    ] as [(String, JSON)])
  func bodiesBecomeValues(query: String, body: JSON) async throws {
    #expect(try await bench.call(["url": url("/answer?\(query)")])["body"] == body)
  }

  @Test(arguments: [400, 401, 403, 404, 409, 410, 422, 301, 302, 304, 307])
  func statusesThatLast(status: Int) async throws {
    let failure = try #require(await bench.failure(["url": url("/answer?status=\(status)&body=secret&Retry-After=5")]))
    #expect(failure.kind == .permanent)
    #expect(failure.code == "http_status")
    #expect(failure.fields == ["status": String(status)])
    #expect(failure.retryAfter == nil)
  }

  @Test(arguments: [408, 425, 429, 500, 501, 502, 503, 504, 599])
  func statusesThatPass(status: Int) async throws {
    let failure = try #require(await bench.failure(["url": url("/answer?status=\(status)&body=secret&Retry-After=5")]))
    #expect(failure.kind == .transient)
    #expect(failure.code == "http_status")
    #expect(failure.fields == ["status": String(status)])
    #expect(failure.retryAfter == .seconds(5))
  }

  @Test func expectSaysWhatSuccessIs() async throws {
    let missing = try await bench.call(["url": url("/answer?status=404&body=none"), "expect": [200, 404]])
    #expect(missing["status"] == 404)
    #expect(missing["body"] == "none")
    let other = await bench.failure(["url": url("/answer?status=202"), "expect": [200, 404]])
    #expect(other?.kind == .permanent)
    #expect(other?.fields == ["status": "202"])
  }

  @Test func aBodyThatIsNotTheJSONItSaysIsTriedAgain() async throws {
    let failure = await bench.failure(["url": url("/answer?Content-Type=application/json&body=secret")])
    #expect(failure?.kind == .transient)
    #expect(failure?.code == "body_not_json")
    #expect(failure?.fields == ["line": "1", "column": "1", "problem": "unexpected_byte"])
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    let tooDeep = await bench.failure(["url": url("/answer?Content-Type=application/json&body=\(deep)")])
    #expect(tooDeep?.fields["problem"] == "too_deep")
  }

  @Test func aResponseMayBeTooLarge() async throws {
    let options: JSON = ["url": url("/answer?body=secret"), "max_response_bytes": 5]
    let failure = await bench.failure(options)
    #expect(failure?.kind == .permanent)
    #expect(failure?.code == "response_too_large")
    #expect(failure?.json.text().contains("secret") == false)
  }

  @Test func cancellingEndsTheCall() async throws {
    let call = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await bench.call(["url": url("/hang")])
    }
    await #expect(throws: CancellationError.self) { try await call.value }
  }

  @Test(arguments: [
    ("http://127.0.0.1:1/", FailureKind.transient, "connection_refused"),
    ("http://127.0.0.1:1/x y", .permanent, "invalid_url"),
    ("http://nowhere.invalid/", .transient, "name_not_resolved"),
  ])
  func whatGetsNoAnswer(url: String, kind: FailureKind, code: String) async throws {
    let failure = await bench.failure(["url": .string(url)])
    #expect(failure?.kind == kind)
    #expect(failure?.code == code)
  }

  @Test(
    arguments: [
      (["url": "ftp://a/"], "url"), ([:], "url"), (["url": "http://a/", "method": "post"], "method"),
      (["url": "http://a/", "headers": ["Host": "b"]], "headers"),
      (["url": "http://a/", "headers": ["idempotency-KEY": "b"]], "headers"),
      (["url": "http://a/", "headers": ["A": "1", "a": "2"]], "headers"),
      (["url": "http://a/", "headers": ["A": 1]], "headers.A"),
      (["url": "http://a/", "headers": "A: 1"], "headers"),
      (["url": "http://a/", "expect": []], "expect"), (["url": "http://a/", "expect": [100]], "expect"),
      (["url": "http://a/", "max_response_bytes": 0], "max_response_bytes"),
      (["url": "http://a/", "max_response_bytes": 1_048_577], "max_response_bytes"),
      (["url": "http://a/", "headers": ["millrace-callback-token": "b"]], "headers"),
      (["url": "http://a/", "callback": "1h"], "callback"), (["url": "http://a/", "callback": [:]], "callback"),
      (["url": "http://a/", "callback": ["timeout": "1h", "url": "http://b/"]], "callback"),
      (["url": "http://a/", "callback": ["timeout": "soon"]], "callback.timeout"),
      (["url": "http://a/", "callback": ["timeout": "999ms"]], "callback.timeout"),
      (["url": "http://a/", "callback": ["timeout": "31d"]], "callback.timeout"),
      (["url": "http://a/", "verb": "GET"], "verb"),
    ] as [(JSON, String)])
  func optionsAreChecked(options: JSON, name: String) {
    do throws(OptionProblem) {
      _ = try CallOptions(OptionReader(options, fields: CallOptions.fields))
      Issue.record("The options were taken.")
    } catch {
      #expect(error.option == name)
    }
  }

  @Test func headersCannotSmuggle() async throws {
    let failure = await bench.failure(["url": url("/echo"), "headers": ["A": "1\r\nB: 2"]])
    #expect(failure?.kind == .permanent)
    #expect(failure?.code == "invalid_request")
  }

  @Test(
    arguments: [
      ("0", 0), ("120", 120), ("99999999999999999999", 86_400), ("86401", 86_400),
      ("Thu, 01 Jan 2026 00:01:00 GMT", 60), ("Thursday, 01-Jan-26 00:01:00 GMT", 60), ("Thu Jan  1 00:01:00 2026", 60),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
      ("Fri, 01 Jan 2027 00:00:00 GMT", 86_400),
      ("", nil), ("-1", nil), ("1.5", nil), ("soon", nil), ("Thu, 32 Jan 2026 00:01:00 GMT", nil),
      ("Thu, 01 Foo 2026 00:01:00 GMT", nil), ("Thu, 01 Jan 2026 00:01:00 CET", nil),
    ] as [(String, Int64?)])
  func retryAfterIsRead(text: String, seconds: Int64?) throws {
    let now = try #require(Timestamp(rfc3339: "2026-01-01T00:00:00Z"))
    #expect(RetryAfter.read(text, now: now) == seconds.map { .seconds($0) })
  }
}
