import AutosaveWorker
import Testing
import WorkerKit

@Suite("What autosave.persist takes and gives")
struct OptionTests {
  private func read(_ json: JSON) throws(OptionProblem) -> PersistWorker.Options {
    try PersistWorker.Options(OptionReader(json, fields: PersistWorker.Options.fields))
  }

  private func problem(_ json: JSON) -> OptionProblem? {
    #expect(throws: OptionProblem.self) { try read(json) }
  }

  @Test("Every documented example is accepted, and every option is documented as required")
  func acceptsExamples() throws {
    let fields = PersistWorker.Options.fields
    #expect(fields.map(\.name) == ["document", "revision", "content"])
    #expect(fields.allSatisfy { $0.isRequired && $0.example != nil })
    for field in fields { #expect(field.example.flatMap { field.problem($0) } == nil) }
    _ = try read(.object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.example ?? .null) })))
  }

  @Test("An unknown option is refused with the one that was meant")
  func suggests() {
    let problem = problem(["document": "doc", "revison": 1, "content": "text"])
    #expect(problem?.option == "revison")
    #expect(problem?.message.contains("did you mean revision?") == true)
  }

  @Test("Wrong and missing values name their option")
  func namesTheOption() {
    #expect(problem(["document": "", "revision": 1, "content": "text"])?.option == "document")
    #expect(problem(["document": "doc", "revision": -1, "content": "text"])?.option == "revision")
    #expect(problem(["document": "doc", "revision": "1", "content": "text"])?.option == "revision")
    #expect(problem(["document": "doc", "revision": 1])?.option == "content")
    #expect(problem(["doc"])?.option == "with")
  }

  @Test("The output has the fields that it declares, and no others")
  func declaresItsOutput() async throws {
    try await Desk.open { desk async throws in
      guard case .object(let output) = try await desk.save(1, "text") else {
        Issue.record("The output is no object.")
        return
      }
      #expect(Set(output.keys) == Set(PersistWorker.Output.fields.map(\.name)))
    }
  }
}
