import Glibc
import SegmentAudit
import SessionCache
import SessionSegment
import SystemCalls
import TestSupport

/// Lets a daemon's cache take a damaged segment over, uses it, and takes it over again.
struct AdoptionTrial {
  enum Verdict: Hashable {
    case refused
    case adopted
    case setAside
    case other
  }

  let verdict: Verdict
  /// What is wrong; nil if nothing is.
  private(set) var complaint: String?

  private let sound: SoundSessions

  init(_ sound: SoundSessions, _ random: inout SplitMix64) throws {
    self.sound = sound
    let opened: (cache: SessionCache, origin: SegmentOrigin)
    do {
      opened = try SoundSessions.opener(sound.path).open()
    } catch let error as SegmentError {
      verdict = .refused
      // Nothing is left by which to tell it from a file of somebody else.
      if error != .occupied { complaint = "it is refused: \(error)" }
      return
    }
    switch opened.origin {
    case .adopted: verdict = .adopted
    case .setAside: verdict = .setAside
    case .fresh, .moved, .keptAsItIs: verdict = .other
    }
    let present = sound.contents.keys.filter { isThere($0, opened.cache) }
    check(opened.cache, "at first")
    use(opened.cache, &random)
    check(opened.cache, "after some use")
    audit(opened.cache)
    guard complaint == nil else { return }
    let again = try SoundSessions.opener(sound.path).open()
    guard case .adopted = again.origin else {
      complaint = "the next start says \(again.origin)"
      return
    }
    check(again.cache, "at the next start")
    audit(again.cache)
    for id in present where !isThere(id, again.cache) {
      complaint = complaint ?? "\(String(decoding: id, as: UTF8.self)) is gone at the next start"
    }
  }

  private func isThere(_ id: [UInt8], _ cache: SessionCache) -> Bool {
    cache.read(id.span, at: SoundSessions.now, sliding: false) { _ in true } ?? false
  }

  /// A session that is there holds what it held.
  private mutating func check(_ cache: SessionCache, _ moment: String) {
    for (id, content) in sound.contents {
      let found = cache.read(id.span, at: SoundSessions.now, sliding: false) { record in
        var parts: [[UInt8]] = []
        record.forEachField { key, value in
          parts.append(key.withUnsafeBytes { Array($0) })
          parts.append(value.withUnsafeBytes { Array($0) })
        }
        return parts
      }
      if let found, found != content {
        complaint = complaint ?? "\(String(decoding: id, as: UTF8.self)) holds something else \(moment)"
      }
    }
  }

  /// New sessions come and go, in all sizes, and memory is moved about.
  private mutating func use(_ cache: SessionCache, _ random: inout SplitMix64) {
    var edits = FieldEdits(seed: cache.hashSeed)
    for number in 0..<300 {
      let id = Array("new-\(number)".utf8)
      let bytes = [UInt8](repeating: 49, count: Int.random(in: 2...3000, using: &random))
      edits.removeAll()
      edits.add(key: 0..<1, value: 1..<bytes.count, in: bytes.span)
      do throws(CacheError) {
        _ = try cache.write(id.span, &edits, of: bytes.span, .init(), at: SoundSessions.now)
      } catch {
        // Full: there may be less room than before.
        break
      }
    }
    cache.compact { true }
    _ = cache.sweep(at: SoundSessions.now) { true }
    for number in 0..<300 {
      let id = Array("new-\(number)".utf8)
      do throws(CacheError) {
        _ = try cache.remove(id.span, at: SoundSessions.now)
      } catch {
        complaint = complaint ?? "a removal is refused: \(error)"
      }
    }
    _ = cache.sweep(at: SoundSessions.now) { true }
  }

  /// The segment is sound now, but for what damage leaves in places that mean nothing.
  private mutating func audit(_ cache: SessionCache) {
    do {
      let report = SegmentAudit.of(try SegmentImage(copying: sound.path))
      let flaws = report.flaws.filter { !Flaw.Kind.meaningless.contains($0.kind) }
      if !flaws.isEmpty { complaint = complaint ?? "\(flaws.prefix(3))" }
      let statistics = cache.statistics
      if (report.usedBytes, report.indexBytes) != (statistics.memoryUsed, statistics.memoryIndex) {
        complaint = complaint ?? "\(report.usedBytes), \(report.indexBytes) found, \(statistics) said"
      }
    } catch {
      complaint = complaint ?? "\(error)"
    }
  }
}
