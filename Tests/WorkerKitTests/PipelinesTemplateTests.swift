import Testing

@testable import WorkerKit

@Suite("Pipelines: references and patterns")
struct PipelinesTemplateTests {
  static let scope: JSON = [
    "event": [
      "payload": [
        "key": "a.png", "size": 12, "ratio": 1.5, "ok": true, "none": nil, "list": [10, ["x": "deep"]], "a-b_c": "odd",
      ]
    ]
  ]

  /// Reads `source` as the option `v` of a stage.
  private func template(_ source: String) throws -> Template {
    let text = "pipeline: p\ntrigger: { event: A }\nstages:\n  s:\n    uses: a.b\n    with:\n      v: \(source)\n"
    return try #require(try Pipeline.compile(text, file: "p.yaml").stage("s")).with
  }

  private func resolve(_ source: String) throws -> JobInput {
    try template(source).resolve { Self.scope.value(at: [$0.root] + $0.path) }
  }

  @Test(
    "references stand for values with their types, and for text within text",
    arguments: [
      ("${event.payload.key}", #"{"v":"a.png"}"#), ("'${event.payload.size}'", #"{"v":12}"#),
      ("${event.payload.none}", #"{"v":null}"#), ("${event.payload.list}", #"{"v":[10,{"x":"deep"}]}"#),
      ("${event.payload.list.1.x}", #"{"v":"deep"}"#), ("${event.payload.a-b_c}", #"{"v":"odd"}"#),
      (
        "s3/${event.payload.key}?w=${event.payload.size}&r=${event.payload.ratio}&ok=${event.payload.ok}",
        #"{"v":"s3/a.png?w=12&r=1.5&ok=true"}"#
      ),
      ("[1, x, '${event.payload.size}', { k: 'n${event.payload.size}' }]", #"{"v":[1,"x",12,{"k":"n12"}]}"#),
      ("$${event.payload.key}", #"{"v":"${event.payload.key}"}"#),
      ("a$${b}-${event.payload.size}", #"{"v":"a${b}-12"}"#),
      ("$5 and $$", #"{"v":"$5 and $$"}"#), ("'5'", #"{"v":"5"}"#), ("5", #"{"v":5}"#),
    ])
  func resolved(_ source: String, _ expected: String) throws {
    #expect(try resolve(source) == .resolved(Array(expected.utf8)))
  }

  @Test(
    "a reference that leads to nothing is named",
    arguments: [
      ("${event.payload.missing}", "${event.payload.missing}"), ("x${event.payload.none}", "${event.payload.none}"),
      ("x${event.payload.list}", "${event.payload.list}"),
      ("[a, '${event.payload.list.9}']", "${event.payload.list.9}"),
      ("{ b: '${event.payload.b}', a: '${event.payload.a}' }", "${event.payload.a}"),
    ])
  func unresolved(_ source: String, _ reference: String) throws {
    #expect(try resolve(source) == .unresolved(reference: reference))
  }

  @Test(
    "text after ${ that is no reference is refused",
    arguments: [
      "${}", "${a", "${a..b}", "${ a }", "${a.b c}", "${a:-${b}}", "${a:-{}", "${a:-\"}", "${:-a}", "${a.:-b}",
    ])
  func refused(_ source: String) {
    #expect(throws: PipelineFileError.self) { try template("'\(source)'") }
  }

  private static let pattern = Pattern.object([
    .init("payload", .object([.init("type", .anyOf(["png", "jpeg"])), .init("size", .anyOf([1, nil, true]))]))
  ])

  @Test(
    "keys are and, values are or, numbers are by value, one element of an array suffices",
    arguments: [
      (["payload": ["type": "png", "size": 1, "more": 1]], nil),
      (["payload": ["type": "jpeg", "size": 1.0]], nil),
      (["payload": ["type": ["gif", "png"], "size": nil]], nil),
      (["payload": [["type": "gif", "size": 1], ["type": "png", "size": true]]], nil),
      (
        ["payload": [["type": "gif", "size": 1], ["type": "png", "size": 2]]],
        "no one element of payload matches all that is asked of it"
      ),
      (["payload": ["type": "gif", "size": 2]], #"payload.type is none of "png", "jpeg""#),
      (["payload": ["type": [], "size": 1]], #"payload.type is none of "png", "jpeg""#),
      (["payload": ["type": "png", "size": "1"]], "payload.size is none of 1, null, true"),
      (["payload": ["type": "png"]], "payload.size is absent"),
      ([:], "payload.type is absent"), (["payload": "png"], "payload is string, not object"),
    ] as [(JSON, String?)])
  func patterns(_ value: JSON, _ reason: String?) {
    #expect(Self.pattern.mismatch(value)?.reason == reason)
  }

  @Test("a mismatch tells the path, what was expected and what was found")
  func mismatch() throws {
    let mismatch = try #require(Self.pattern.mismatch(["payload": ["type": "gif"]], at: ["event"]))
    #expect(mismatch.path == ["event", "payload", "type"])
    #expect(mismatch.expected == ["png", "jpeg"] && mismatch.found == "gif")
  }
}
