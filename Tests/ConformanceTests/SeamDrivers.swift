import WorkerKitTesting

extension SeamDriver {
  /// Every pair of drivers that is to keep the seam.
  static let all: [SeamDriver] = [.inMemory]
}
