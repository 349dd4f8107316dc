import Glibc
public import SystemCalls

/// Blocks a thread for ever, so that tests can see the watchdog at work. It is asked for by the
/// environment variable SESSIOND_TEST_STALL=reactor:2s or reclaimer:2s and has no option.
public struct TestStall: Sendable {
  public enum Place: String, Sendable {
    case reactor, reclaimer
  }

  let place: Place
  /// Nanoseconds of CLOCK_BOOTTIME.
  let moment: Int64

  public init(place: Place, moment: Int64) {
    self.place = place
    self.moment = moment
  }

  func blockIfDue(_ place: Place, at now: Int64) {
    guard place == self.place, now >= moment else { return }
    while true { pause() }
  }

  /// nil where the variable is not set.
  public init?(environment: [String: String], clock: BootClock) throws(Server.StartError) {
    guard let text = environment["SESSIOND_TEST_STALL"] else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let place = Place(rawValue: String(parts[0])),
      let delay = ValueText.duration(parts[1])
    else { throw .configuration("SESSIOND_TEST_STALL: '\(text)' is not reactor:TIME or reclaimer:TIME") }
    self.init(place: place, moment: clock.now() &+ delay)
  }
}
