/// `each`: one job for each element of a list. The stage's output is then `{ outputs, count }`: the outputs in the order
/// of the list, null where a job ended otherwise, and how many elements there were.
public struct Fanout: Sendable, Hashable {
  /// What stands for the list.
  public let list: Reference
  /// The root by which the stage's references name the element: `${item}`, `${item.key}`.
  public let name: String
  /// How many of its jobs may be live at once in a run; nil for all.
  public let parallel: Int?

  /// The most elements of a list.
  public static let elements = 1000
  /// The fields of the stage's output.
  public static let outputs = ["outputs", "count"]

  /// Describes a fan-out.
  public init(list: Reference, name: String = "item", parallel: Int? = nil) {
    self.list = list
    self.name = name
    self.parallel = parallel.map { max(1, $0) }
  }
}
