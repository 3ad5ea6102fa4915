/// Why a program beside a test did not do what the test waits for.
public enum ProgramProblem: Error, Equatable {
  /// Its deadline has passed, and it was killed.
  case late(program: String, seconds: Int)
  /// It said this, or ended and said no more, before it said what was waited for.
  case unexpected(program: String, said: String)
}
