/// A part of a regular expression.
indirect enum ExpressionNode: Sendable {
  /// One scalar of a set.
  case one(ScalarSet)
  /// The start of the text.
  case start
  /// The end of the text.
  case end
  /// The edge of a word, or no edge where false.
  case edge(Bool)
  /// One after the other; matches at once where there are none.
  case sequence([ExpressionNode])
  /// One of them.
  case choice([ExpressionNode])
  /// As often as from `least` to `most`, without end where that is nil.
  case repeated(ExpressionNode, least: Int, most: Int?)
}

/// Why a text is no regular expression that can be matched in linear time.
struct ExpressionError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, and what to write instead.
  let message: String
  /// Which character of the expression it is about, from 1.
  let column: Int

  var description: String { "\(message) (at character \(column))" }
}
