import SessionSegment
import TestSupport

@testable import SessionCache

/// A cache with a store behind it that is a dictionary, and that answers at once.
final class BackedCache {
  private(set) var tested: CacheUnderTest
  private(set) var stored: [[UInt8]: RecordImage] = [:]
  private(set) var loads = 0
  /// By the memories before this one.
  private(set) var forgotten = 0
  /// Whether changes are worked out into a plan, and published once they are stored.
  let isPlanned: Bool
  private let plan = ChangePlan()

  var cache: SessionCache { tested.cache }
  var now: Int64 {
    get { tested.now }
    set { tested.now = newValue }
  }

  init(size: Int = 1 << 20, backing: Backing = .own, isPlanned: Bool = false, cacheTTL: Int64 = 0) throws {
    self.isPlanned = isPlanned
    tested = try CacheUnderTest(
      size: size, sessionBytesMost: 32 * 1024, backing: backing, cacheTTL: cacheTTL)
  }

  /// Goes on in memory that knows nothing, as after a reboot.
  func forgetMemory() throws {
    let now = tested.now
    forgotten += cache.statistics.forgotten
    let last = cache.lastVersion
    tested = try CacheUnderTest(size: 1 << 20, sessionBytesMost: 32 * 1024, backing: .own)
    tested.now = now
    cache.skipVersions(to: last)
  }

  // MARK: Requests

  /// Does something again and again, with what it lacks loaded.
  func loading<R>(_ body: (ChangePlan?) throws -> R) throws -> R {
    for _ in 0..<16 {
      plan.removeAll()
      do {
        let result = try body(isPlanned ? plan : nil)
        commit()
        return result
      } catch let error as CacheError {
        switch error {
        case .notResident(let id): try load(id)
        case .full: flush()
        default: throw error
        }
      }
    }
    throw CacheError.full
  }

  func read(_ id: String) throws(CacheError) -> [(String, String)]? {
    for _ in 0..<16 {
      if let found = tested.get(id) { return found }
      guard let unknown = cache.firstUnknown(Array(id.utf8).span, at: now) else { return nil }
      try load(unknown)
    }
    throw .full
  }

  func load(_ id: [UInt8]) throws(CacheError) {
    loads += 1
    let image = stored[id].flatMap { $0.deadline > now ? $0 : nil }
    let absence = RecordImage(id: id, kind: .absence, version: 0, created: 0, ttl: 0, deadline: 0)
    for _ in 0..<16 {
      do throws(CacheError) {
        _ = try cache.install(image ?? absence, at: now)
        return
      } catch {
        guard error == .full else { throw error }
        flush()
      }
    }
  }

  private func commit() {
    for change in plan.changes {
      let known = stored[change.id].flatMap { $0.deadline > now ? $0 : nil }
      precondition(known?.version ?? 0 == change.base, "a plan on what the store has not")
      stored[change.id] = change.image
      cache.publish(change, version: change.image?.version ?? 0, at: now)
    }
  }

  // MARK: The store

  /// What a daemon does within a second: uses, then changes.
  func flush(limit: Int = .max) {
    var uses: WalkCursor? = WalkCursor()
    var leastTTL = Int64.max
    while let place = uses { uses = cache.markUsed(place, leastTTL: &leastTTL) }
    var cursor: UnsavedCursor? = UnsavedCursor()
    while let place = cursor {
      let (records, next) = cache.collectUnsaved(
        place, recordsMost: limit, bytesMost: 64 * 1024, withBody: true, at: now)
      for record in records {
        let image = record.image
        stored[image.id] = image.kind == .absence ? nil : image
      }
      cache.settle(records, at: now)
      cursor = next
    }
  }
}
