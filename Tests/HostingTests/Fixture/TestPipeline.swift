/// The pipelines of these tests, as files.
enum TestPipeline {
  /// One stage that is fed with the event's payload.
  static func single(timeout: String = "60s", attempts: Int = 3, with options: String = "") -> String {
    """
    pipeline: single
    trigger: { event: Started }
    stages:
      step:
        uses: test.step
        with: { value: "${event.payload.value}"\(options) }
        timeout: \(timeout)
        retry: { attempts: \(attempts), backoff: { initial: 1s, max: 4s } }

    """
  }

  /// One stage whose jobs run in processes of their own.
  static let isolated = single(with: " }\n    isolation: { process: true, memory: 512MiB, cpu: 5s, files: 64")

  /// Two stages, the second fed by the first, and an event at the end.
  static let chain = """
    pipeline: chain
    trigger: { event: Started }
    stages:
      first:
        uses: test.step
        with: { value: "${event.payload.value}" }
      second:
        uses: test.step
        needs: [first]
        with: { value: "${first.value}" }
    emit:
      - { event: Finished, after: [second], payload: { value: "${second.value}" } }

    """

  /// One stage of which every job is the same work.
  static let shared = """
    pipeline: shared
    trigger: { event: Started }
    stages:
      step:
        uses: test.step
        execution_key: [always]
        with: { value: "${event.payload.value}" }

    """

  /// As `shared`, with an event at the end.
  static let sharedAndTold =
    shared + """
      emit:
        - { event: Finished, after: [step], payload: { value: "${step.value}" } }

      """

  /// One stage whose worker not every host knows.
  static let other = """
    pipeline: other
    trigger: { event: Started }
    stages:
      step:
        uses: test.other
        with: { value: 1 }

    """
}
