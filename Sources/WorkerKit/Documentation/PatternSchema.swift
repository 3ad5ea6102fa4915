/// The JSON Schema of event patterns, as far as their shape goes.
enum PatternSchema {
  /// What `$ref`s of the form `#/$defs/pattern` lead to.
  static let definitions: [String: JSON] = [
    "pattern": [
      "type": "object",
      "properties": [
        "$or": [
          "type": "array", "description": "Alternatives, one of which must match.", "minItems": 1,
          "items": ["$ref": "#/$defs/pattern"],
        ]
      ],
      "additionalProperties": ["anyOf": [["$ref": "#/$defs/pattern"], ["$ref": "#/$defs/patternLeaf"]]],
    ],
    "patternLeaf": [
      "type": "array", "minItems": 1,
      "items": ["anyOf": [scalar, ["$ref": "#/$defs/patternOperator"]]],
    ],
    "patternOperator": [
      "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
      "properties": operators,
    ],
    "patternText": [
      "anyOf": [
        ["type": "string"],
        [
          "type": "object", "properties": ["equals-ignore-case": ["type": "string"]],
          "required": ["equals-ignore-case"], "additionalProperties": false,
        ],
      ]
    ],
  ]

  private static let scalar: JSON = ["type": ["string", "number", "boolean", "null"]]

  private static let operators: JSON = [
    "prefix": ["$ref": "#/$defs/patternText", "description": "A text that begins so."],
    "suffix": ["$ref": "#/$defs/patternText", "description": "A text that ends so."],
    "equals-ignore-case": ["type": "string", "description": "This text, whatever its case."],
    "wildcard": ["type": "string", "description": "A text of this form; * stands for any characters."],
    "anything-but": ["description": "Any value that is none of these: a value, a list, or an operator on texts."],
    "numeric": [
      "type": "array", "description": "A number within bounds: [\">\", 0, \"<=\", 5].", "minItems": 2, "maxItems": 4,
      "items": ["anyOf": [["enum": ["=", "<", "<=", ">", ">="]], ["type": "number"]]],
    ],
    "cidr": ["type": "string", "description": "An IP address in this block: 10.0.0.0/24."],
    "exists": ["type": "boolean", "description": "Whether there is a value."],
  ]
}
