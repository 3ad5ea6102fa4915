extension PipelineProblem {
  /// The problem as programs read it.
  public var json: JSON {
    var members: [String: JSON] = [
      "file": .string(file), "line": .integer(Int64(line)), "column": .integer(Int64(column)),
      "number": .string(code.number), "code": .string(code.word), "message": .string(message),
    ]
    members["hint"] = hint.map { .string($0) }
    return .object(members)
  }
}
