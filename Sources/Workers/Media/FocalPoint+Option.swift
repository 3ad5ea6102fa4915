public import ImagingProtocol
public import WorkerKit

extension FocalPoint: OptionValue {
  /// Reads `{ x: 0.5, y: 0.3 }`, both from 0 to 1.
  public static func read(_ json: JSON, option: String) throws(OptionProblem) -> FocalPoint {
    guard case .object(let members) = json, let x = members["x"], let y = members["y"], members.count == 2 else {
      throw OptionProblem(option: option, message: "must be a mapping of x and y, like { x: 0.5, y: 0.3 }")
    }
    return FocalPoint(x: try part(x, "\(option).x"), y: try part(y, "\(option).y"))
  }

  /// `{"x":…,"y":…}`.
  public var optionJSON: JSON { ["x": .double(x), "y": .double(y)] }

  /// An object of the two parts.
  public static var schema: JSON {
    let part: JSON = ["type": "number", "minimum": 0, "maximum": 1]
    return [
      "type": "object", "properties": ["x": part, "y": part], "required": ["x", "y"], "additionalProperties": part,
      "maxProperties": 2,
    ]
  }

  private static func part(_ json: JSON, _ option: String) throws(OptionProblem) -> Double {
    let number: Double? =
      switch json {
      case .integer(let whole): Double(whole)
      case .double(let number): number
      default: nil
      }
    guard let number, (0...1).contains(number) else {
      throw OptionProblem(option: option, message: "must be a number from 0 to 1")
    }
    return number
  }
}
