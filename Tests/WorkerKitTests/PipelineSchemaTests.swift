import Testing

@testable import WorkerKit

@Suite("Schema and pages from what workers say")
struct PipelineSchemaTests {
  let registry: WorkerRegistry

  init() throws { registry = try Fixture.registry() }

  private var schema: JSON { PipelineSchema(registry).json }

  private func keys(_ path: String...) -> Set<String> {
    guard case .object(let members)? = schema.value(at: path + ["properties"]) else { return [] }
    return Set(members.keys)
  }

  /// What the reader of files takes and what editors are told cannot drift apart.
  @Test func theKeysAreThoseOfTheReader() {
    #expect(keys() == Set(PipelineReader.keys))
    #expect(keys("$defs", "stage") == Set(StageReader.keys))
  }

  @Test func nothingElseIsAllowed() {
    #expect(schema["additionalProperties"] == false)
    for name in ["stage", "emit", "with.media.thumbnails"] {
      #expect(schema["$defs"]?[name]?["additionalProperties"] == false, "\(name)")
    }
    #expect(schema["properties"]?["trigger"]?["additionalProperties"] == false)
  }

  @Test func optionsComeFromTheWorkers() throws {
    let with = try #require(schema["$defs"]?["with.media.thumbnails"])
    #expect(with["required"] == ["object", "widths"])
    #expect(with["properties"]?["quality"]?["default"] == 80)
    #expect(with["properties"]?["object"]?["description"] == "The object.")
    #expect(
      with["properties"]?["widths"]?["anyOf"] == [
        [
          "type": "array",
          "items": ["anyOf": [["type": "integer"], ["$ref": "#/$defs/reference"]]],
        ], ["$ref": "#/$defs/reference"],
      ])
  }

  @Test func aPageTellsEverything() throws {
    let worker = try #require(registry.worker("media.thumbnails"))
    let page = WorkerPage(worker).markdown
    #expect(page.hasPrefix("# media.thumbnails\n\n"))
    #expect(page.contains("| `quality` | whole number | `80` |  | The quality. |"))
    #expect(page.contains("| `widths` | list of whole numbers | required |  | Widths. |"))
    #expect(page.contains("timeout 1m, 6 attempts with waits of up to 1s first and 5m at last."))
    #expect(page.contains("    uses: media.thumbnails\n    with:\n"))
    #expect(WorkerPage.index(of: registry).contains("[media.scan](media.scan.md)"))
  }

  @Test(
    arguments: [
      (["type": "string"], "text"), (["type": "boolean"], "true or false"), ([:], "any value"),
      (["type": "object", "additionalProperties": ["type": "string"]], "mapping of texts"),
      (["enum": ["webp", "jpeg", "avif"]], "`webp`, `jpeg` or `avif`"), (["enum": ["webp"]], "`webp`"),
      (["type": "array", "items": [:]], "list of values"),
    ] as [(JSON, String)])
  func typesInWords(schema: JSON, words: String) { #expect(OptionType.text(of: schema) == words) }
}
