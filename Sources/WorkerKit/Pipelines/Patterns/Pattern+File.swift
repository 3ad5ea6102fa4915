extension Pattern {
  /// Reads a pattern from the text of a YAML or JSON file.
  /// - Throws: A `PipelineFileError` with everything that is wrong, in the order of the file.
  public static func read(_ text: String, file: String) throws(PipelineFileError) -> Pattern {
    var problems = ProblemList(file: file)
    let pattern = YAMLReader.read(text, into: &problems).flatMap {
      PatternReader.root($0, path: "pattern", into: &problems)
    }
    guard problems.isEmpty, let pattern else { throw PipelineFileError(problems: problems.sorted) }
    return pattern
  }
}
