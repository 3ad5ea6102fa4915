/// The short names of Unicode's general categories, as `\p{Lu}` writes them.
enum ScalarCategory {
  /// The categories that a name stands for: one of two letters, or the group of one letter that it begins with.
  static func named(_ name: String) -> Set<Unicode.GeneralCategory>? {
    if let one = short[name] { return [one] }
    guard name.unicodeScalars.count == 1 else { return nil }
    let group = short.filter { $0.key.hasPrefix(name) }.values
    return group.isEmpty ? nil : Set(group)
  }

  private static let short: [String: Unicode.GeneralCategory] = [
    "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter, "Lo": .otherLetter,
    "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
    "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
    "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation, "Pe": .closePunctuation,
    "Pi": .initialPunctuation, "Pf": .finalPunctuation, "Po": .otherPunctuation,
    "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol,
    "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator,
    "Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse, "Cn": .unassigned,
  ]
}
