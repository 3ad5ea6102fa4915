/// `on_failure`: the event that a run emits when a job of the stage has become a dead letter; once a stage and run.
public struct FailureEvent: Sendable, Hashable {
  /// The event's type.
  public let event: String
  /// The payload, with references to the event, to stages that have succeeded by then, and to `${failure.kind}`,
  /// `${failure.code}` and `${failure.message}`.
  public let payload: Template

  /// The root of references to what went wrong.
  public static let root = "failure"
  /// The fields below it.
  public static let fields = ["kind", "code", "message"]

  /// Describes an event.
  public init(event: String, payload: Template) {
    self.event = event
    self.payload = payload
  }
}
