public import ImagingProtocol
import ProcessChild
import ProcessDriver
import WorkerKit

/// The picture program `millrace-imaging`, one picture at a time in each child, within limits.
public final class ImagingProgram: Sendable {
  private let pool: ChildPool

  /// Describes the pool; children start with the first picture.
  /// - Parameters:
  ///   - executable: The program's absolute path.
  ///   - width: How many pictures at once; each child uses one processor.
  ///   - memory: The address space that a child may have, in bytes.
  public init(executable: String, width: Int, memory: UInt64 = 2 << 30) {
    var configuration = ChildPoolConfiguration(executable: executable, width: width, requestsPerChild: 200)
    configuration.limits.addressSpaceBytes = memory
    configuration.limits.fileSizeBytes = 256 << 20
    configuration.limits.openFiles = 64
    pool = ChildPool(configuration: configuration)
  }

  /// Renders one picture.
  /// - Throws: A `Failure` that names what is wrong with the picture, or how the child died; a `CancellationError` when
  ///   the caller is cancelled, and then the child is killed.
  public func render(_ request: RenderRequest, deadline: Duration) async throws -> PictureReport {
    let bytes: [UInt8]
    do throws(ChildFailure) {
      bytes = try await pool.call(ImagingWire.encoded(.render(request)), deadline: deadline)
    } catch {
      throw Self.error(for: error)
    }
    switch try? ImagingWire.answer(bytes) {
    case .report(let report)? where report.files.allSatisfy(Self.isInFolder): return report
    case .failure(let failure)?: throw Self.error(for: failure)
    case .report?, nil:
      throw Failure(
        .transient, "imaging_unreadable",
        "The picture program answered with something else; see that both are of one version.")
    }
  }

  /// Ends the children.
  public func close() async { await pool.close() }

  /// Whether a file is named in the output folder: a picture may have taken the child over, which then names any other.
  private static func isInFolder(_ file: RenderedFile) -> Bool {
    !file.path.utf8.contains(UInt8(ascii: "/"))
  }

  private static func error(for failure: ImagingFailure) -> Failure {
    let kind: FailureKind =
      switch failure.kind {
      case .permanent: .permanent
      case .poison: .poison
      case .transient: .transient
      }
    return Failure(kind, failure.code.rawValue, failure.message, fields: failure.fields)
  }

  private static func error(for failure: ChildFailure) -> any Error {
    switch failure {
    case .cancelled: CancellationError()
    case .closed: CancellationError()
    case .notStarted(let start):
      Failure(
        .transient, "imaging_not_started", "The picture program cannot be started; install it beside millrace.",
        fields: ["path": start.path, "step": start.step, "error": start.reason])
    case .died(let death):
      Failure(
        .crash, "imaging_died", "The picture program died while it worked on this picture.", fields: death.evidence)
    case .deadline(let death):
      Failure(
        .deadline, "imaging_deadline", "The picture program took too long for this picture and was killed.",
        fields: death.evidence)
    case .protocolViolation:
      Failure(.transient, "imaging_protocol", "The picture program broke off its answer and was killed.")
    }
  }
}

extension ImagingWire {
  /// The request's bytes; a request of texts and numbers can always be written.
  fileprivate static func encoded(_ request: ImagingRequest) -> [UInt8] { (try? encode(request)) ?? [] }
}
