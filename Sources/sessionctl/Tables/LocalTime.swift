internal import Glibc

/// Moments as clocks on the wall show them.
enum LocalTime {
  /// Hours, minutes and seconds.
  static func time(_ secondsSince1970: Double) -> String { text(secondsSince1970, "%H:%M:%S") }

  /// With the day.
  static func dayAndTime(_ secondsSince1970: Double) -> String { text(secondsSince1970, "%Y-%m-%d %H:%M:%S") }

  /// As strftime(3) writes it, `-` for what is no time.
  private static func text(_ secondsSince1970: Double, _ format: String) -> String {
    guard var seconds = time_t(exactly: secondsSince1970.rounded(.down)) else { return "-" }
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "-" }
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
