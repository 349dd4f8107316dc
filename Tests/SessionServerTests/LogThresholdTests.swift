import Logging
import Testing

@testable import SessionServer

@Suite("The log threshold")
struct LogThresholdTests {
  @Test("is one for all loggers that share it")
  func shared() {
    let threshold = LogThreshold()
    #expect(threshold.level == .info)
    var first = Logger(label: "first") { _ in JournalLogHandler(threshold: threshold) }
    let second = Logger(label: "second") { _ in JournalLogHandler(threshold: threshold) }
    for level in Logger.Level.allCases {
      first.logLevel = level
      #expect(second.logLevel == level)
    }
  }
}
