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
  }
}
