extension SchemaValidation {
  mutating func checkNumber(_ value: JSON, _ rules: SchemaNode.NumberRules) -> Bool {
    guard let number = ExactNumber(value) else { return true }
    var isValid = true
    if let bound = rules.minimum, number < bound.exact {
      isValid = fail("minimum", "This must be at least \(bound.text).")
    }
    if let bound = rules.maximum, bound.exact < number {
      isValid = fail("maximum", "This must be at most \(bound.text).")
    }
    if let bound = rules.exclusiveMinimum, number <= bound.exact {
      isValid = fail("exclusiveMinimum", "This must be more than \(bound.text).")
    }
    if let bound = rules.exclusiveMaximum, bound.exact <= number {
      isValid = fail("exclusiveMaximum", "This must be less than \(bound.text).")
    }
    if let (text, unit) = rules.multipleOf, DecimalNumber(value)?.isMultiple(of: unit) == false {
      isValid = fail("multipleOf", "This must be a multiple of \(text).")
    }
    return isValid
  }

  mutating func checkText(_ text: String, _ rules: SchemaNode.TextRules) -> Bool {
    var isValid = true
    if rules.minLength != nil || rules.maxLength != nil {
      let length = text.unicodeScalars.count
      if let least = rules.minLength, length < least {
        isValid = fail("minLength", "This must have at least \(least) characters.")
      }
      if let most = rules.maxLength, length > most {
        isValid = fail("maxLength", "This must have at most \(most) characters.")
      }
    }
    if let pattern = rules.pattern, matches(text, pattern) == false {
      isValid = fail("pattern", "This must match \(pattern.source.prefix(200)).")
    }
    if let format = rules.format, !format.admits(text) {
      isValid = fail("format", "This must be \(format.example).")
    }
    return isValid
  }

  /// Whether a text matches; nil where the work has run out.
  mutating func matches(_ text: String, _ pattern: RegularExpression) -> Bool? {
    pattern.matches(text, work: &work)
  }
}
