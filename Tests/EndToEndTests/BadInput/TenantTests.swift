import Foundation
import Testing
import WorkerKit

/// Tenants become parts of paths, labels and queries.
@Suite("Tenants with odd names", .timeLimit(.minutes(5)), .onEveryServerSet)
struct TenantTests {
  private static let refused = [
    "", " ", ".", "..", "../t1", "t1/../t2", "/etc", "a/b", "a\\b", "a\u{0}b", "a\nb", "a\u{7f}", "\u{202E}1t",
    "a\u{200B}", "\u{301}a", "tenant-é", "😀", "-a", "_a", "a b", "a\"b", "a'b", "a{b}", "a,b=c", "a%2Fb", "a:b", "a*",
    "\u{E000}", String(repeating: "a", count: 65), String(repeating: "a", count: 200),
  ]

  @Test("What is no name is refused with the rule, at the door of the API and of the command line")
  func refuses() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    for tenant in Self.refused {
      let event: JSON = ["id": "e", "type": "MediaUploaded", "tenant_id": .string(tenant), "payload": [:]]
      let answer = try await api.post("/v1/events", event)
      #expect(answer.status == 400, "\(tenant.debugDescription)")
      #expect(answer.body["problems"]?[0]?["field"] == "tenant_id", "\(tenant.debugDescription)")
      let known: JSON = .object([
        "specversion": "1.0", "id": "e", "source": "/a", "type": "MediaUploaded", "tenantid": .string(tenant),
      ])
      #expect(try await api.post("/v1/events", known).status == 400, "\(tenant.debugDescription)")
    }
    #expect(try await api.get("/v1/events")["events"] == [])
    let result = try await server.command(["emit", "--type", "MediaUploaded", "--tenant", "../t1", "--payload", "{}"])
    #expect(result.status == 1)
    #expect(result.errors.contains("A tenant is 1 to 64 letters, digits, dots, hyphens and underscores"))
    for query in ["..%2F..", "%00", "a%0Ab", "%F0%9F%98%80", "%ff", String(repeating: "a", count: 2000)] {
      let status = try await api.answer("/v1/events?tenant_id=\(query)").status
      #expect([200, 400].contains(status), "\(query)")
    }
    #expect(!server.errorText.contains("\u{202E}"))
    #expect(try await server.stop() == 0)
  }

  @Test("The oddest names that are allowed are carried through paths, labels and queries")
  func carries() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let api = try ServerAPI(server)
    let picture = try Uploads.picture("demo/dusk.jpg")
    let tenants = ["0", "a..b", "a-._", "NUL", "con.", String(repeating: "a", count: 64), "lock"]
    for tenant in tenants {
      let folder = server.folder.appending(path: "data/objects/\(tenant)/uploads")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try picture.write(to: folder.appending(path: "a.jpg"))
      try await api.emit([
        [
          "id": "e", "type": "MediaUploaded", "tenant_id": .string(tenant),
          "payload": ["object_key": "uploads/a.jpg", "content_type": "image/jpeg"],
        ]
      ])
    }
    let jobs = try await api.ended(tenants.count)
    #expect(jobs.allSatisfy { $0["state"] == "SUCCEEDED" })
    for tenant in tenants {
      let events = try await api.get("/v1/events?type=MediaUploaded&tenant_id=\(tenant)")["events"]
      #expect(events?[0]?["tenant_id"] == .string(tenant) && events?[1] == nil)
      let thumbnails = server.folder.appending(path: "data/objects/\(tenant)/thumbnails").path
      #expect(try !FileManager.default.contentsOfDirectory(atPath: thumbnails).isEmpty)
    }
    #expect(try await server.stop() == 0)
  }
}
