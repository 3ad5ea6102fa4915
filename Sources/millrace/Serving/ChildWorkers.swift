import AutosaveWorker
import CallWorker
import MediaWorker
import ObjectStorageDriver
import SQLiteDriver
import WorkerKit

/// The standard workers in a process for isolated jobs. Each is made when its first job comes, so that a job of one
/// worker neither waits for nor suffers from what another would open.
actor ChildWorkers {
  private let data: DataFolder
  private let pictureMemory: UInt64
  private let environment: Environment
  private var made: [WorkerName: WorkerRegistry] = [:]
  private var scratch: PrivateScratch?

  /// Prepares workers over a server's data folder.
  init(data: DataFolder, pictureMemory: UInt64, environment: Environment) {
    self.data = data
    self.pictureMemory = pictureMemory
    self.environment = environment
  }

  /// A registry with this worker; an empty one where there is none of this name.
  func registry(for worker: WorkerName) async throws -> WorkerRegistry {
    if let known = made[worker] { return known }
    var registry = WorkerRegistry()
    switch worker {
    case CallWorker.name:
      try registry.register(CallWorker(allowing: StandardWorkers.allowedHosts()))
    case PersistWorker.name:
      // It comes here only where the store is in the folder (`StandardWorkers.registry`). Several processes on one file
      // are allowed: the check of authority and the save are one transaction in it.
      let shelf = try await SQLiteRevisionShelf(database: SQLiteDatabase(path: data.database))
      try registry.register(PersistWorker(shelf: shelf))
    case ThumbnailsWorker.name:
      let scratch = try PrivateScratch(in: data.scratch, named: environment.id())
      self.scratch = scratch
      try registry.register(
        ThumbnailsWorker(
          objects: FolderObjectStore(root: data.objects),
          program: ImagingProgram(executable: ImagingLocation.path, width: 1, memory: pictureMemory),
          scratch: ScratchFolder(root: "\(scratch.path)/pictures")))
    default: break
    }
    made[worker] = registry
    return registry
  }
}
