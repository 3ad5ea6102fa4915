import Foundation
import HTTPDriver
import Testing
import WorkerKit

@Suite("Schedules of a server", .timeLimit(.minutes(5)), .onEveryServerSet)
struct SchedulesCommandTests {
  @Test("a server looks after schedules, and says when there are none")
  func listsNone() async throws {
    let server = try await RunningServer(arguments: ["--pipelines", Uploads.pipelines])
    let list = try await server.command(["pipelines", "schedules"])
    #expect(list.status == 0)
    #expect(list.output == "No active pipeline has a schedule.\n")
    let json = try await server.command(["pipelines", "schedules", "--json"])
    #expect(try JSONReader.parse(json.output) == ["schedules": []])
    let client = try HTTPClient()
    while try await client.send(HTTPRequest(url: server.url + "/health/ready")).status != 200 { await Task.yield() }
    let ready = try await client.send(HTTPRequest(url: server.url + "/health/ready"))
    #expect(String(decoding: ready.body, as: UTF8.self).contains("scheduler"))
    #expect(try await server.stop() == 0)
  }
}
