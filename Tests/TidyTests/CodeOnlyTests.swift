import Testing

@Suite("Code without comments and texts")
struct CodeOnlyTests {
  @Test(arguments: [
    (#"a // b"#, "a     "),
    ("a /* b /* c */ d */ e", "a                   e"),
    (#"x = "a // b" + y"#, #"x = "      " + y"#),
    (#"x = "a\"b{" + y"#, #"x = "     " + y"#),
    (##"x = #"a"b"# + y"##, ##"x = #"   "# + y"##),
    (#"x = "a\(f("b{") + 1)c" + y"#, #"x = "  (f("  ") + 1) " + y"#),
    ("x = \"\"\"\n{ \"a\"\n\"\"\"\ny", "x = \"\"\"\n     \n\"\"\"\ny"),
    ("// \"\ny", "    \ny"),
    ("#if x\ny", "#if x\ny"),
  ]) func blanks(source: String, code: String) {
    #expect(CodeOnly.of(source) == code)
  }
}
