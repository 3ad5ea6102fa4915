import Testing
import WorkerKit

@Suite("Options of workers")
struct OptionTests {
  enum Format: String, OptionWord {
    case webp, jpeg
  }

  struct Options: WorkerOptions {
    static let object = OptionField<String>("object", "The object.")
    static let widths = OptionField<[Int]>("widths", "The widths.", example: [320]) { widths in
      widths.allSatisfy { $0 > 0 } ? nil : "must be positive"
    }
    static let format = OptionField<Format>("format", "The format.", default: .webp)
    static let limit = OptionField<Int?>("limit", "The limit.")
    static let strict = OptionField<Bool>("strict", "Whether.", default: false)
    static let extra = OptionField<JSON>("extra", "Anything.", default: [:])
    static var fields: [OptionDescription] {
      [
        object.description, widths.description, format.description, limit.description, strict.description,
        extra.description,
      ]
    }

    let object: String
    let widths: [Int]
    let format: Format
    let limit: Int?
    let strict: Bool
    let extra: JSON

    init(_ reader: OptionReader) throws(OptionProblem) {
      object = try reader.value(Self.object)
      widths = try reader.value(Self.widths)
      format = try reader.value(Self.format)
      limit = try reader.value(Self.limit)
      strict = try reader.value(Self.strict)
      extra = try reader.value(Self.extra)
    }
  }

  private func read(_ changes: [String: JSON?] = [:]) throws(OptionProblem) -> Options {
    var object: [String: JSON] = ["object": "a.png", "widths": [320, 640]]
    for (key, value) in changes { object[key] = value }
    return try Options(OptionReader(.object(object), fields: Options.fields))
  }

  @Test func defaultsStandForWhatIsAbsentOrNull() throws {
    for options in [try read(), try read(["format": .null, "limit": .null, "strict": .null])] {
      #expect(options.object == "a.png")
      #expect(options.widths == [320, 640])
      #expect(options.format == .webp)
      #expect(options.limit == nil)
      #expect(!options.strict)
      #expect(options.extra == [:])
    }
  }

  @Test func whatIsGivenIsRead() throws {
    let options = try read(["format": "jpeg", "limit": 3, "strict": true, "extra": [1, .null], "widths": []])
    #expect(options.format == .jpeg)
    #expect(options.limit == 3)
    #expect(options.strict)
    #expect(options.extra == [1, .null])
    #expect(options.widths.isEmpty)
  }

  @Test(
    arguments: [
      ("object", nil, "object", "is required"),
      ("object", .null, "object", "is required"),
      ("object", 1, "object", "must be a text, not number"),
      ("widths", [320, 640, "x"], "widths[2]", "must be a whole number, not string"),
      ("widths", [1.5], "widths[0]", "must be a whole number, not number"),
      ("widths", 320, "widths", "must be a list, not number"),
      ("widths", [320, -1], "widths", "must be positive"),
      ("format", "jepg", "format", "must be one of webp, jpeg; did you mean jpeg?"),
      ("format", "tiff", "format", "must be one of webp, jpeg"),
      ("format", 1, "format", "must be one of webp, jpeg"),
      ("limit", "x", "limit", "must be a whole number, not string"),
      ("strict", "yes", "strict", "must be true or false, not string"),
      ("fromat", "webp", "fromat", "is not an option; did you mean format?"),
      ("watermark", "x", "watermark", "is not an option"),
    ] as [(String, JSON?, String, String)])
  func saysWhatIsWrong(key: String, value: JSON?, option: String, message: String) {
    let problem = #expect(throws: OptionProblem.self) { try read([key: value]) }
    #expect(problem == OptionProblem(option: option, message: message))
    #expect(problem?.description == "\(option): \(message)")
  }

  @Test func optionsAreAnObject() {
    let problem = #expect(throws: OptionProblem.self) { try OptionReader([], fields: Options.fields) }
    #expect(problem == OptionProblem(option: "with", message: "must be an object, not array"))
  }

  @Test func fieldsDescribeThemselves() throws {
    #expect(Options.fields.map(\.name) == ["object", "widths", "format", "limit", "strict", "extra"])
    #expect(Options.fields.map(\.isRequired) == [true, true, false, false, false, false])
    #expect(Options.fields.map(\.standard) == [nil, nil, "webp", nil, false, [:]])
    #expect(Options.fields.map(\.example) == [nil, [320], "webp", nil, false, [:]])
    #expect(
      Options.fields.map(\.schema) == [
        ["type": "string"], ["type": "array", "items": ["type": "integer"]], ["enum": ["webp", "jpeg"]],
        ["type": "integer"], ["type": "boolean"], [:],
      ])
  }

  @Test func descriptionsCheckAsReadersDo() throws {
    let widths = try #require(Options.fields.first { $0.name == "widths" })
    #expect(widths.problem([320]) == nil)
    #expect(widths.problem([0])?.message == "must be positive")
    #expect(widths.problem(["x"])?.option == "widths[0]")
    let limit = try #require(Options.fields.first { $0.name == "limit" })
    #expect(limit.problem(.null) == nil)
  }

  @Test func valuesWriteWhatTheyRead() throws {
    for json: JSON in [[1, 2], []] { #expect(try [Int].read(json, option: "a").optionJSON == json) }
    for json: JSON in [.null, "x"] { #expect(try String?.read(json, option: "a").optionJSON == json) }
    #expect(try Format.read("jpeg", option: "a").optionJSON == "jpeg")
    #expect(try [[Bool]].read([[true], []], option: "a").optionJSON == [[true], []])
  }
}
