/// What becomes of a picture that moves.
public enum AnimationChoice: String, Codable, Sendable, CaseIterable {
  /// Every frame is rendered, with its time and the number of repetitions.
  case keep
  /// The first frame stands for it.
  case first
}
