public import Tracing

/// Another object store, with a span for each object that an attempt writes.
///
/// The span is under whatever span the task is in; outside of every trace there is none.
public struct TracedObjectStore: ObjectStore {
  private let store: any ObjectStore
  private let tracer: any Tracer
  private let time: any TimeSource

  /// Makes spans for what is written to `store`.
  public init(_ store: any ObjectStore, tracer: any Tracer, time: any TimeSource) {
    self.store = store
    self.tracer = tracer
    self.time = time
  }

  public func fetch(_ key: String, of tenant: TenantID, to path: String) async throws(Failure) {
    try await store.fetch(key, of: tenant, to: path)
  }

  public func read(_ key: String, of tenant: TenantID, limit: Int) async throws(Failure) -> [UInt8] {
    try await store.read(key, of: tenant, limit: limit)
  }

  public func write(_ bytes: [UInt8], as key: String, of tenant: TenantID) async throws(Failure) {
    let span = start(tenant)
    span?.set(.bytes, bytes.count)
    do throws(Failure) {
      try await store.write(bytes, as: key, of: tenant)
      span?.end(at: time.moment)
    } catch {
      throw fail(span, error)
    }
  }

  public func keep(
    file path: String, in folder: String, suffix: String, contentType: String, of tenant: TenantID
  ) async throws(Failure) -> Artifact {
    let span = start(tenant)
    span?.set([.contentType: contentType])
    do throws(Failure) {
      let artifact = try await store.keep(
        file: path, in: folder, suffix: suffix, contentType: contentType, of: tenant)
      span?.set(.bytes, artifact.bytes)
      span?.end(at: time.moment)
      return artifact
    } catch {
      throw fail(span, error)
    }
  }

  private func start(_ tenant: TenantID) -> (any Tracing.Span)? {
    guard let context = ServiceContext.current, context.trace != nil else { return nil }
    let span = tracer.start(SpanName.artifact, SpanName.artifact.form, in: context, at: time.moment)
    span.set([.tenant: tenant.rawValue])
    return span
  }

  private func fail(_ span: (any Tracing.Span)?, _ failure: Failure) -> Failure {
    span?.fail(failure, at: time.moment)
    span?.end(at: time.moment)
    return failure
  }
}
