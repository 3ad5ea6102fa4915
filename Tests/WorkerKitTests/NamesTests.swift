import Testing
import WorkerKit

@Suite("Names and spelling")
struct NamesTests {
  @Test func namesAreTheirTexts() {
    let name: QueueName = "media"
    #expect(name == QueueName("media"))
    #expect(name == QueueName(rawValue: "media"))
    #expect(name.description == "media")
    #expect("\(JobID("01A"))" == "01A")
    #expect(QueueName.standard.rawValue == "default")
  }

  @Test func namesAreOrderedByTheirTexts() {
    let names: [StageName] = ["scan", "Scan", "persist", "scan2", ""]
    #expect(names.sorted().map(\.rawValue) == ["", "Scan", "persist", "scan", "scan2"])
  }

  @Test(arguments: [
    ("quues", "queues"), ("tenantid", "tenant_id"), ("Widths", "widths"), ("iwdths", "widths"), ("at_occurred", nil),
    ("ocurred_ta", "occurred_at"), ("fromat", "format"), ("format", "format"), ("fxxmat", "format"), ("fxxxat", nil),
  ]) func suggests(word: String, meant: String?) {
    let known = ["queues", "widths", "format", "occurred_at", "tenant_id", "quality"]
    #expect(Spelling.suggestion(for: word, among: known) == meant)
  }

  @Test(arguments: ["", "x", "resolution", "qqqqqqq", String(repeating: "width", count: 10_000)])
  func suggestsNothing(word: String) {
    #expect(Spelling.suggestion(for: word, among: ["widths", "format"]) == nil)
  }

  @Test func suggestsTheNearestAndThenTheFirst() {
    #expect(Spelling.suggestion(for: "stage1", among: ["stages", "stage1x", "stage12"]) == "stage12")
    #expect(Spelling.suggestion(for: "abc", among: [] as [String]) == nil)
  }
}
