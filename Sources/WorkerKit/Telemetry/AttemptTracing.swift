public import Tracing

/// The span of an attempt, and what makes spans under it.
public struct AttemptTracing: Sendable {
  public let tracer: any Tracer
  public let span: any Tracing.Span

  /// Puts the span of an attempt together with its tracer.
  public init(tracer: any Tracer, span: any Tracing.Span) {
    self.tracer = tracer
    self.span = span
  }
}

extension WorkerContext {
  /// Does `body` inside a span under the attempt's; `body` gets nil where no spans are made. What it throws marks the
  /// span as failed.
  public func withSpan<Value: Sendable>(
    _ definition: SpanDefinition, _ name: String, _ body: ((any Tracing.Span)?) async throws -> Value
  ) async throws -> Value {
    guard let tracing else { return try await body(nil) }
    let span = tracing.tracer.start(definition, name, in: tracing.span.context, at: environment.time.moment)
    defer { span.end(at: environment.time.moment) }
    do {
      return try await ServiceContext.withValue(span.context) { try await body(span) }
    } catch {
      if !(error is CancellationError) {
        span.fail(error as? Failure ?? Failure(unclassified: error), at: environment.time.moment)
      }
      throw error
    }
  }
}
