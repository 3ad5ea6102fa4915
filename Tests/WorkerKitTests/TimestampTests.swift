import Testing
import WorkerKit

@Suite("Timestamps")
struct TimestampTests {
  static let written: [(String, Int64)] = [
    ("1970-01-01T00:00:00.000Z", 0),
    ("1970-01-01T00:00:00.001Z", 1),
    ("1969-12-31T23:59:59.999Z", -1),
    ("1968-02-29T12:00:00.000Z", -58_017_600_000),
    ("2000-02-29T00:00:00.000Z", 951_782_400_000),
    ("2026-11-21T09:04:32.120Z", 1_795_251_872_120),
    ("0000-01-01T00:00:00.000Z", -62_167_219_200_000),
    ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
  ]

  @Test(arguments: written) func areWrittenAndRead(text: String, milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    ("2026-11-21T09:04:32Z", "2026-11-21T09:04:32.000Z"),
    ("2026-11-21t09:04:32z", "2026-11-21T09:04:32.000Z"),
    ("2026-11-21T09:04:32+00:00", "2026-11-21T09:04:32.000Z"),
    ("2026-11-21T09:04:32-00:00", "2026-11-21T09:04:32.000Z"),
    ("2026-11-21T00:30:00+05:45", "2026-11-20T18:45:00.000Z"),
    ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"),
    ("2026-11-21T09:04:32.5Z", "2026-11-21T09:04:32.500Z"),
    ("2026-11-21T09:04:32.1204Z", "2026-11-21T09:04:32.120Z"),
    ("2026-11-21T09:04:32.1205Z", "2026-11-21T09:04:32.121Z"),
    ("2026-11-21T09:04:59.99996+01:00", "2026-11-21T08:05:00.000Z"),
    ("2026-11-21T09:04:32.123456789123456789123456789Z", "2026-11-21T09:04:32.123Z"),
    ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
    ("1900-02-28T23:59:59Z", "1900-02-28T23:59:59.000Z"),
  ]) func areReadWithFractionsAndOffsets(text: String, meaning: String) {
    #expect(Timestamp(rfc3339: text)?.description == meaning)
  }

  @Test(arguments: [
    "", "now", "2026-11-21", "2026-11-21T09:04:32", "2026-11-21 09:04:32Z", "2026-11-21T09:04Z", "20261121T090432Z",
    "2026-1-21T09:04:32Z", "26-11-21T09:04:32Z", "02026-11-21T09:04:32Z", "2026-00-21T09:04:32Z",
    "2026-13-21T09:04:32Z", "2026-11-00T09:04:32Z", "2026-11-31T09:04:32Z", "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:04:61Z",
    "2026-11-21T09:04:32.Z", "2026-11-21T09:04:32,5Z", "2026-11-21T09:04:32+0100", "2026-11-21T09:04:32+01",
    "2026-11-21T09:04:32+24:00", "2026-11-21T09:04:32+01:60", "2026-11-21T09:04:32Z ", "2026-11-21T09:04:32ZZ",
    " 2026-11-21T09:04:32Z", "-026-11-21T09:04:32Z", "2026-11-21T09:04:32.5", "٢٠٢٦-11-21T09:04:32Z",
    "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:59.9999Z",
  ]) func refuse(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func everyDayOfFourCenturiesReadsBack() {
    let first = Timestamp(milliseconds: -13_000_000_000_000)
    for day in 0..<146_097 {
      let moment = Timestamp(milliseconds: first.milliseconds + Int64(day) * 86_400_000)
      guard Timestamp(rfc3339: moment.description) == moment else {
        Issue.record("\(moment) does not read back.")
        return
      }
    }
  }

  @Test func reckonWithLengths() {
    let moment = Timestamp(milliseconds: 1_000)
    #expect(moment + .milliseconds(1_500) == Timestamp(milliseconds: 2_500))
    #expect(moment + .seconds(-2) == Timestamp(milliseconds: -1_000))
    #expect(moment - Timestamp(milliseconds: 400) == .milliseconds(600))
    #expect(Timestamp(milliseconds: -1) < Timestamp(milliseconds: 0))
    #expect(moment + .seconds(Int64.max) == Timestamp(milliseconds: .max))
    #expect(moment + .seconds(Int64.min) == Timestamp(milliseconds: .min + 1_000))
  }

  @Test func lengthsInMilliseconds() {
    #expect(Duration.microseconds(1_999).milliseconds == 1)
    #expect(Duration.microseconds(-1_999).milliseconds == -1)
    #expect(Duration.seconds(Int64.max).milliseconds == .max)
    #expect(Duration.seconds(Int64.min).milliseconds == .min)
    #expect(Duration.milliseconds(1_250).inSeconds == 1.25)
  }
}
