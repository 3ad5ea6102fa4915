internal import CProcessShim
internal import Glibc

/// The bounds that a child program puts on itself before it reads its first request.
///
/// The parent passes them as arguments; the child decodes and applies them. A child cannot raise them again, nor can
/// the children that it starts: of two bounds the tighter one stands.
public struct ChildLimits: Sendable, Equatable {
  /// The most virtual memory, in bytes; more makes allocation fail. Nil for no bound.
  public var addressSpaceBytes: UInt64?
  /// The most processor time over the child's whole life, in seconds; more is SIGKILL. Nil for no bound.
  public var cpuSeconds: UInt64?
  /// The largest file that the child may write, in bytes; more is SIGXFSZ. Nil for no bound.
  public var fileSizeBytes: UInt64?
  /// The most descriptors open at once. Nil for what the system gives.
  public var openFiles: UInt64?
  /// The process that the child must not outlive. Nil where the child was started by hand.
  public var parentProcess: Int32?

  /// Bounds for one child; what is left out is not bounded.
  public init(
    addressSpaceBytes: UInt64? = nil, cpuSeconds: UInt64? = nil, fileSizeBytes: UInt64? = nil, openFiles: UInt64? = nil,
    parentProcess: Int32? = nil
  ) {
    self.addressSpaceBytes = addressSpaceBytes
    self.cpuSeconds = cpuSeconds
    self.fileSizeBytes = fileSizeBytes
    self.openFiles = openFiles
    self.parentProcess = parentProcess
  }

  /// Applies every bound to this process, for good.
  ///
  /// Core dumps are forbidden in any case. Call it before anything that reads input.
  /// - Throws: `.refused` where the kernel does, `.orphaned` where the parent is already gone.
  public func apply() throws(ChildSetupFailure) {
    if let parentProcess {
      try check(millrace_process_end_with_parent(), "parent-process")
      // The parent may have died between the spawn and the line above, and then no signal will ever come.
      guard getppid() == parentProcess else { throw .orphaned }
    }
    try check(millrace_process_harden(), "core-dump")
    if let openFiles { try check(millrace_process_limit_open_files(openFiles), "open-files") }
    if let fileSizeBytes { try check(millrace_process_limit_file_size(fileSizeBytes), "file-size") }
    if let cpuSeconds { try check(millrace_process_limit_cpu(cpuSeconds), "cpu-seconds") }
    if let addressSpaceBytes { try check(millrace_process_limit_address_space(addressSpaceBytes), "address-space") }
  }

  private func check(_ errorNumber: Int32, _ limit: String) throws(ChildSetupFailure) {
    guard errorNumber == 0 else { throw .refused(limit: limit, errorNumber: errorNumber) }
  }
}
