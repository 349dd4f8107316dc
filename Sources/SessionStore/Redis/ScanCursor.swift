/// Where a listing by SCAN or SSCAN goes on: the server's cursor, and a ticket for what of its answer was too much for a
/// page. Without that, the server is asked again: what was given already comes twice, but nothing is left out.
struct ScanCursor: Equatable {
  /// The server's; "0" at the beginning.
  var server = "0"
  /// What ScanLeftovers has given.
  var ticket: UInt64?

  init(server: String = "0", ticket: UInt64? = nil) {
    self.server = server
    self.ticket = ticket
  }

  /// nil for bytes that no page has ended with.
  init?(_ cursor: StoreCursor) {
    let parts = cursor.bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
      .map { UInt64(String(decoding: $0, as: UTF8.self)) }
    guard (1...2).contains(parts.count), let place = parts[0], let last = parts.last, last != nil else {
      return nil
    }
    self.init(server: String(place), ticket: parts.count == 2 ? last : nil)
  }

  var asStoreCursor: StoreCursor {
    StoreCursor(Array((ticket.map { "\(server)-\($0)" } ?? server).utf8))
  }
}
