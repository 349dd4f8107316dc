import SessionStore
import SystemCalls

/// Hears what a store tells, and keeps it.
final class Ear: StoreListener {
  private let heard = Guarded<(ids: [[UInt8]], missed: Int, lost: [String])>(([], 0, []))

  func changed(_ ids: [[UInt8]]) { heard.withLock { $0.ids += ids } }
  func missedChanges() { heard.withLock { $0.missed += 1 } }
  func lost(_ reason: String) { heard.withLock { $0.lost.append(reason) } }

  /// In the order in which they came.
  var ids: [String] { heard.withLock { $0.ids }.map { String(decoding: $0, as: UTF8.self) } }
  var missed: Int { heard.withLock { $0.missed } }
  var lost: [String] { heard.withLock { $0.lost } }
}
