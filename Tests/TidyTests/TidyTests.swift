import Testing

/// The repository's rules, as tests of its own sources. A finding says where, and what to do.
@Suite("Tidy")
struct TidyTests {
  @Test func theRepositoryIsRead() {
    #expect(Repository.files.contains { $0.path == "Package.swift" })
    #expect(Repository.files.count { $0.isIn("Sources") && $0.isSwift } > 100)
  }

  @Test(arguments: Rule.all) func theRepositoryKeeps(_ rule: Rule) {
    let findings = rule.check(Repository.files)
    #expect(findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))")
  }

  @Test(arguments: Rule.all) func findsWhatWasPlanted(_ rule: Rule) {
    for plant in rule.plants {
      #expect(rule.check(plant.files).map(\.line) == plant.lines, "\(plant.files.map(\.text).joined())")
    }
    #expect(rule.plants.contains { !$0.lines.isEmpty }, "Plant a file that breaks the rule, to prove that it is found.")
  }

  @Test func rulesHaveNamesOfTheirOwn() {
    #expect(Set(Rule.all.map(\.name)).count == Rule.all.count)
  }
}
