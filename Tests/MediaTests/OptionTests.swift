import MediaWorker
import Testing
import WorkerKit

@Suite("What media.thumbnails takes and gives", .timeLimit(.minutes(5)))
struct OptionTests {
  private func read(_ json: JSON) throws(OptionProblem) -> ThumbnailOptions {
    try ThumbnailOptions(OptionReader(json, fields: ThumbnailOptions.fields))
  }

  private func problem(_ json: JSON) -> OptionProblem? {
    #expect(throws: OptionProblem.self) { try read(json) }
  }

  @Test("Every default and example is accepted, alone and together")
  func acceptsExamples() throws {
    let fields = ThumbnailOptions.fields
    #expect(fields.map(\.name) == ["object", "widths", "format", "quality", "animation", "aspect", "crop", "focus"])
    #expect(fields.filter(\.isRequired).map(\.name) == ["object"])
    for field in fields {
      let example = try #require(field.example)
      #expect(field.problem(example) == nil)
      if let standard = field.standard { #expect(field.problem(standard) == nil) }
      var options: [String: JSON] = ["object": "cat.jpg"]
      options[field.name] = example
      if ["crop", "focus"].contains(field.name) { options["aspect"] = "1:1" }
      _ = try read(.object(options))
    }
    _ = try read(.object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.example ?? .null) })))
  }

  @Test("An unknown option or word is refused with the one that was meant")
  func suggests() {
    let option = problem(["object": "cat.jpg", "width": [100]])
    #expect(option?.option == "width")
    #expect(option?.message.contains("did you mean widths?") == true)
    #expect(problem(["object": "cat.jpg", "format": "jpg"])?.message.contains("did you mean jpeg?") == true)
  }

  @Test("A value out of bounds names its option")
  func namesTheOption() {
    #expect(problem([:])?.option == "object")
    #expect(problem(["object": ""])?.option == "object")
    for widths: JSON in [[], [0], [16_384], .array(Array(repeating: 1, count: 33)), 100] {
      #expect(problem(["object": "cat.jpg", "widths": widths])?.option == "widths")
    }
    #expect(problem(["object": "cat.jpg", "widths": [1, "2"]])?.option == "widths[1]")
    for aspect: JSON in ["1", "0:1", "1:1001", "1:1:1", "-1:1", "a:b", ":", 1] {
      #expect(problem(["object": "cat.jpg", "aspect": aspect])?.option == "aspect")
    }
    for focus: JSON in ["0.5,0.5", ["x": 1], ["x": 0, "y": 0, "z": 0]] {
      #expect(problem(["object": "cat.jpg", "aspect": "1:1", "focus": focus])?.option == "focus")
    }
    for x: JSON in [1.01, -0.1, "0.5", 2] {
      #expect(problem(["object": "cat.jpg", "aspect": "1:1", "focus": ["x": x, "y": 0]])?.option == "focus.x")
    }
    for quality: JSON in [0, 101, "80", 1.5] {
      #expect(problem(["object": "cat.jpg", "quality": quality])?.option == "quality")
    }
  }

  @Test("Options that contradict each other are refused, with the one to change")
  func refusesContradictions() {
    let contradictions: [(name: String, others: [String: JSON])] = [
      ("quality", ["format": "png", "quality": 80]), ("animation", ["format": "jpeg", "animation": "keep"]),
      ("animation", ["format": "avif", "animation": "keep"]), ("crop", ["crop": "attention"]),
      ("crop", ["focus": ["x": 0, "y": 0], "crop": "focal"]), ("focus", ["focus": ["x": 0, "y": 0]]),
      ("focus", ["aspect": "1:1", "crop": "entropy", "focus": ["x": 0, "y": 0]]),
      ("aspect", ["aspect": "1:1", "crop": "none"]),
    ]
    for (name, others) in contradictions {
      #expect(problem(.object(others.merging(["object": "cat.jpg"]) { $1 }))?.option == name, "\(others)")
    }
  }

  @Test("The output has the fields that it declares, and no others")
  func declaresItsOutput() async throws {
    try await Darkroom.open { darkroom async throws in
      try await darkroom.put(try Darkroom.picture("still.webp"))
      guard case .object(let output) = try await darkroom.run().json else {
        Issue.record("The output is no object.")
        return
      }
      #expect(Set(output.keys) == Set(ThumbnailOutput.fields.map(\.name)))
    }
  }
}
