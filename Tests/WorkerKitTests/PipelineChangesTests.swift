import Testing
import WorkerKit

@Suite("What activating would change, and how a pipeline looks", .timeLimit(.minutes(5)))
struct PipelineChangesTests {
  private static let media = """
    pipeline: media
    trigger: { event: MediaUploaded }
    stages:
      scan: { uses: media.scan }
      end: { uses: media.quarantine, needs: [scan], when: { scan: { verdict: [infected, "\\"odd\\""] } } }
      tell: { uses: notify.inapp, needs: [end, scan] }
    emit:
      - { event: MediaDone, after: [tell] }
    """

  private func set(_ texts: String...) throws -> PipelineSet {
    PipelineSet(try texts.map { try Pipeline.compile($0, file: "test.yaml") })
  }

  @Test("Pipelines and stages that come, go and change are named")
  func names() throws {
    let other = Self.media.replacing("pipeline: media", with: "pipeline: other")
    let new = Self.media.replacing("  tell: { uses: notify.inapp, needs: [end, scan] }\n", with: "")
      .replacing("after: [tell]", with: "after: [end]")
      .replacing(
        "scan: { uses: media.scan }", with: "scan: { uses: media.scan, queue: slow, timeout: 5s }\n  add: { uses: a.b }"
      )
    let changes = PipelineChanges(
      from: try set(Self.media, other), to: try set(new, other.replacing("other", with: "third")))
    #expect(
      changes.text == """
        + third
            + stage scan (media.scan)
            + stage end (media.quarantine)
            + stage tell (notify.inapp)
        ~ media
            + stage add (a.b)
            ~ stage scan: timeout, queue
            - stage tell (notify.inapp)
            ~ emit
        - other
        1 added, 1 changed, 1 removed, 0 unchanged
        """)
    #expect(changes.json["changed"]?[0]?["stages"]?["changed"]?[0]?["keys"] == ["timeout", "queue"])
  }

  @Test("Turns and limits that change are named, and drawn")
  func flow() throws {
    let keys = "limit: [{ key: \"${event.tenant_id}\", rate: 20/s }, { rate: 1/m, burst: 5, concurrency: 4 }], "
    let turns = "fair_by: { key: \"${event.actor_id} x\", weight: \"${event.context.plan}\", weights: { pro: 4 } }"
    let new = Self.media.replacing("uses: media.scan }", with: "uses: media.scan, \(keys)\(turns) }")
    let changes = PipelineChanges(from: try set(Self.media), to: try set(new))
    #expect(changes.text.contains("    ~ stage scan: fair_by, limit\n"))
    let more = new.replacing("20/s", with: "30/s")
    #expect(PipelineChanges(from: try set(new), to: try set(more)).text.contains("    ~ stage scan: limit\n"))
    let graph = PipelineGraph(try Pipeline.compile(new, file: "media.yaml"))
    let words = [
      "turns by ${event.actor_id} x, weighed by ${event.context.plan}", "at most 20/s for each ${event.tenant_id}",
      "at most 1/m with 5 at once after a rest and 4 under way",
    ]
    #expect(graph.text.contains("scan (media.scan), \(words.joined(separator: ", "))\n"))
    #expect(graph.mermaid.contains("stage0[\"scan<br/>media.scan<br/>\(words.joined(separator: "<br/>"))\"]"))
    #expect(graph.dot.contains("label=\"scan\\nmedia.scan\\n\(words.joined(separator: "\\n"))\"]"))
    #expect(graph.json["nodes"]?[1]?["fair_by"] == .string(words[0]))
    #expect(graph.json["nodes"]?[1]?["limits"] == [.string(words[1]), .string(words[2])])
  }

  @Test("What is the same is no change, and other comments are told as such")
  func tellsComments() throws {
    #expect(PipelineChanges(from: try set(Self.media), to: try set(Self.media)).text == "Nothing would change.")
    let changes = PipelineChanges(from: try set(Self.media), to: try set("# more\n" + Self.media))
    #expect(changes.text.contains("comments or description only"))
    #expect(!changes.isEmpty)
  }

  @Test("Lines that differ are found, and those around them kept")
  func findsLines() {
    #expect(LineDiff.all(from: "a\nb\nc\n", to: "a\nx\nc\nd\n") == ["  a", "- b", "+ x", "  c", "+ d"])
    #expect(LineDiff.changes(from: "a\nb", to: "b") == ["- a"])
    #expect(LineDiff.all(from: "", to: "a") == ["+ a"])
  }

  @Test("A graph is drawn for a terminal, for Mermaid and for Graphviz")
  func draws() throws {
    let graph = PipelineGraph(try Pipeline.compile(Self.media, file: "media.yaml"))
    #expect(
      graph.text == """
        media, on MediaUploaded
        scan (media.scan)
           └─ end (media.quarantine), when scan.verdict is "infected" or "\\"odd\\""
              └─ tell (notify.inapp), and needs scan
        emits MediaDone after tell
        """)
    #expect(graph.mermaid.hasPrefix("flowchart TD\n  event([\"MediaUploaded\"])\n"))
    #expect(
      graph.mermaid.contains(
        "stage0 -->|\"scan.verdict is #quot;infected#quot; or #quot;\\#quot;odd\\#quot;#quot;\"| stage1"))
    #expect(graph.mermaid.contains("stage2 -.-> emit0"))
    #expect(graph.dot.contains("  stage1 [shape=box, label=\"end\\nmedia.quarantine\"];"))
    #expect(graph.dot.contains(#"stage0 -> stage1 [label="scan.verdict is \"infected\" or \"\\\"odd\\\"\""];"#))
    #expect(graph.dot.hasSuffix("}"))
    let words: JSON = .string(#"scan.verdict is "infected" or "\"odd\"""#)
    #expect(
      graph.json["nodes"]?[2]
        == ["id": "end", "kind": "stage", "worker": "media.quarantine", "when": .array([words])])
    #expect(graph.json["nodes"]?[4] == ["id": "emit.0", "kind": "emit", "event": "MediaDone"])
    #expect(graph.json["edges"]?[4] == ["from": "tell", "to": "emit.0", "join": ["succeeded"]])
  }

  @Test("A graph tells of lists, of ends that count, of dead letters and of schedules")
  func drawsPolicies() throws {
    let source = """
      pipeline: nightly
      trigger: { cron: "0 3 * * *", time_zone: Europe/Berlin }
      stages:
        list: { uses: http.call, with: { url: "https://example.com" } }
        call:
          uses: http.call
          needs: [list]
          each: { in: "${list.body.urls}" }
          with: { url: "${item}" }
          on_failure: { event: CallBroken }
        end: { uses: http.call, needs: [call], join: { call: [failed, skipped] }, with: { url: "https://example.com" } }
      """
    let graph = PipelineGraph(try Pipeline.compile(source, file: "nightly.yaml"))
    #expect(
      graph.text == """
        nightly, on 0 3 * * * (Europe/Berlin)
        list (http.call)
           └─ call (http.call), for each of ${list.body.urls}
              └─ end (http.call), if call failed or skipped
        emits CallBroken when call has failed for good
        """)
    #expect(graph.mermaid.contains(#"stage1["call<br/>http.call<br/>for each of ${list.body.urls}"]"#))
    #expect(graph.mermaid.contains(#"stage1 -->|"failed or skipped"| stage2"#))
    #expect(graph.mermaid.contains(#"stage1 -.->|"failed for good"| failure0"#))
    #expect(graph.dot.contains(#"stage1 -> stage2 [label="failed or skipped"];"#))
    #expect(graph.dot.contains(#"failure0 [shape=oval, label="CallBroken"];"#))
    #expect(
      graph.json == [
        "pipeline": "nightly",
        "nodes": [
          [
            "id": "event", "kind": "trigger", "event": "ScheduleTick", "cron": "0 3 * * *",
            "time_zone": "Europe/Berlin",
          ],
          ["id": "list", "kind": "stage", "worker": "http.call"],
          ["id": "call", "kind": "stage", "worker": "http.call", "each": "${list.body.urls}"],
          ["id": "end", "kind": "stage", "worker": "http.call"],
          ["id": "on_failure.call", "kind": "on_failure", "event": "CallBroken"],
        ],
        "edges": [
          ["from": "event", "to": "list"], ["from": "list", "to": "call", "join": ["succeeded"]],
          ["from": "call", "to": "end", "join": ["failed", "skipped"]],
          ["from": "call", "to": "on_failure.call", "join": ["failed"]],
        ],
      ])
  }
}
