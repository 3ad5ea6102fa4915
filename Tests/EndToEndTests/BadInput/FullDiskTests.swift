import Foundation
import TestDisk
import Testing
import WorkerKit

@Suite(
  "A disk without room", .serialized, .timeLimit(.minutes(5)),
  .enabled("A small disk can be mounted only by root.") { try await SmallDisk.isPossible })
struct FullDiskTests {
  private func saved(_ number: Int) -> JSON {
    [
      "id": .string("e\(number)"), "type": "DocumentSaved", "tenant_id": "t1",
      "resource": ["kind": "document", "id": .string("d\(number)")],
      "payload": ["revision": 1, "content": .string(String(repeating: "\(number) ", count: 4000))],
    ]
  }

  @Test("Events are refused with what to do, and all goes on when there is room, without a restart")
  func serves() async throws {
    try await SmallDisk.mount(mebibytes: 16) { folder async throws in
      let server = try await RunningServer(
        folder: URL(filePath: folder), arguments: ["--pipelines", Uploads.pipelines])
      let api = try ServerAPI(server)
      let ballast = URL(filePath: "\(folder)/ballast")
      try Data(count: 9 << 20).write(to: ballast)
      var (taken, number) = (0, 0)
      var refused: (status: Int, body: JSON)?
      while refused == nil {
        let answer = try await api.post("/v1/events", saved(number))
        if answer.status == 202 { taken += 1 } else { refused = answer }
        number += 1
        try #require(number < 5000, "The disk is never full.")
      }
      #expect(taken > 10)
      #expect(refused?.status == 507)
      #expect(refused?.body["code"] == "storage_full")
      #expect(refused?.body["detail"]?.string.contains("Make room in the data folder.") == true)
      let ready = try await api.poll({ try await api.answer("/health/ready") }) { $0.status == 503 }
      #expect(ready.body.text().contains("The disk is full; make room in the data folder."))
      #expect(try await api.answer("/v1/events/e0").status == 200, "Reading goes on.")

      try FileManager.default.removeItem(at: ballast)
      _ = try await api.poll({ try await api.answer("/health/ready") }) { $0.status == 200 }
      try await api.emit([saved(9999)])
      let jobs = try await api.ended(taken + 1)
      #expect(jobs.count == taken + 1)
      #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
      #expect(try await server.stop() == 0)
    }
  }
}
