import Dispatcher
import Foundation
import Testing
import WorkerKit
import WorkerKitTesting

@Suite("A folder of pipelines that is edited", .timeLimit(.minutes(5)))
struct FolderReloadTests {
  let desk: PipelineDesk

  init() throws { desk = try PipelineDesk() }

  @Test("A saved file is active once it has rested for one look")
  func activates() async throws {
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    _ = try await desk.activator.open()
    #expect(desk.shown == ["one": "1"])
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "2"), to: "one.yaml")
      try desk.write(PipelineDesk.text("two"), to: "two.yml")
      try desk.write("cases: []", to: "one.test.yaml")
      try await desk.look()
      #expect(desk.shown == ["one": "1"], "It may be half written still.")
      try await desk.look()
      #expect(desk.shown == ["one": "2", "two": ""])
      #expect(desk.active.number == 2)
      try await desk.look(3)
      #expect(desk.active.number == 2, "What has not changed is not activated again.")
    }
  }

  @Test("A file that is written piece by piece is taken when it is whole")
  func waitsForTheWhole() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      let text = PipelineDesk.text("one")
      for part in 1...4 {
        try desk.write(String(text.prefix(text.count * part / 4)), to: "one.yaml")
        try await desk.look()
        #expect(desk.shown.isEmpty)
      }
      try await desk.look()
      #expect(desk.shown == ["one": ""])
      #expect(desk.logged("A pipeline file is bad") == 0)
    }
  }

  @Test("An editor that writes a new file and renames it, or is caught in between, deactivates nothing")
  func bearsRenames() async throws {
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    _ = try await desk.activator.open()
    try await desk.watching {
      try FileManager.default.moveItem(atPath: desk.path("one.yaml"), toPath: desk.path("one.yaml~"))
      try desk.write("half", to: ".one.yaml.swp")
      try await desk.look()
      #expect(desk.shown == ["one": "1"])
      try desk.write(PipelineDesk.text("one", note: "2"), to: "4913")
      try FileManager.default.moveItem(atPath: desk.path("4913"), toPath: desk.path("one.yaml"))
      try await desk.look(2)
      #expect(desk.shown == ["one": "2"])
      #expect(desk.active.number == 2, "It was never taken for removed.")
    }
  }

  @Test("A text of the same size and time is seen by its content")
  func seesContent() async throws {
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    _ = try await desk.activator.open()
    let time = try FileManager.default.attributesOfItem(atPath: desk.path("one.yaml"))[.modificationDate]
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "2"), to: "one.yaml")
      try FileManager.default.setAttributes([.modificationDate: time as Any], ofItemAtPath: desk.path("one.yaml"))
      try await desk.look(2)
      #expect(desk.shown == ["one": "2"])
    }
  }

  @Test("A removed file deactivates its pipeline; a folder that is gone deactivates nothing")
  func removes() async throws {
    try desk.write(PipelineDesk.text("one"), to: "one.yaml")
    try desk.write(PipelineDesk.text("two"), to: "two.yaml")
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.remove("two.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": ""])
      let elsewhere = desk.folder.path + "-elsewhere"
      try FileManager.default.moveItem(atPath: desk.folder.path, toPath: elsewhere)
      try await desk.look(3)
      #expect(desk.shown == ["one": ""])
      #expect(desk.logged("The folder of pipelines cannot be read") == 1)
      #expect(await desk.activator.remark?.contains("cannot be read") == true)
      try FileManager.default.moveItem(atPath: elsewhere, toPath: desk.folder.path)
      try await desk.look()
      #expect(await desk.activator.remark == nil)
    }
  }

  @Test("A store that fails is asked again, and nothing is lost")
  func triesAgain() async throws {
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(PipelineDesk.text("one"), to: "one.yaml")
      try await desk.look()
      desk.bench.store.faults.failNext(.revisions, with: DriverError(.unavailable, "test", "A test."), times: 2)
      try await desk.look()
      #expect(desk.shown.isEmpty)
      // The loop waits for less than a second between these, so that it may have looked more than twice.
      try await desk.look(2)
      #expect(desk.shown == ["one": ""])
      #expect(desk.logged("could not be brought up to date") == 2)
    }
  }

  @Test("A rollback is taken over, and holds until the file itself changes, over a restart too")
  func holds() async throws {
    try desk.write(PipelineDesk.text("one", note: "1"), to: "one.yaml")
    _ = try await desk.activator.open()
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "2"), to: "one.yaml")
      try await desk.look(2)
      #expect(try await desk.bench.store.rollback(to: 1, by: "ada", reason: "test") == 3)
      try await desk.look(3)
      #expect(desk.shown == ["one": "1"])
    }
    let restarted = PipelineActivator(
      folder: PipelineFolder(desk.folder.path + "/"), name: "test", store: desk.bench.store, active: desk.active,
      library: desk.bench.library, registry: nil, environment: desk.bench.environment, log: desk.bench.logs.logger)
    _ = try await restarted.open()
    #expect(desk.shown == ["one": "1"], "A restart is no change, and the folder's path is not its name.")
    try await desk.watching {
      try desk.write(PipelineDesk.text("one", note: "3"), to: "one.yaml")
      try await desk.look(2)
      #expect(desk.shown == ["one": "3"])
    }
  }
}
