import SessionCache
import SystemCalls

/// Pages that are always to be had: the memory of an anonymous file.
struct MemoryPages: PageSource {
  func commit(offset: Int, length: Int) throws(SystemCallError) {}
  func release(offset: Int, length: Int) throws(SystemCallError) {}
}

/// A real cache in a private segment.
func makeCache(
  bytes: Int? = nil, shards: Int = 1, ttl seconds: Int64 = 600, sessionBytesMost: Int = 1 << 20,
  keysMost: Int = 10_000, backing: Backing = .none, wakeReclaimer: @escaping @Sendable () -> Void = {}
) throws -> SessionCache {
  let size = max(bytes ?? 4 << 20, SegmentFile.leastBytes(shardCount: shards))
  return try SessionCache(
    segment: SegmentFile.anonymous(size: size, pages: MemoryPages()), shardCount: shards,
    settings: .init(
      ttl: seconds * 1_000_000_000, lifetime: 0, sessionBytesMost: sessionBytesMost, keysMost: keysMost),
    backing: backing, wakeReclaimer: wakeReclaimer)
}
