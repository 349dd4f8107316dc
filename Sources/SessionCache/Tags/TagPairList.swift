/// Pairs in order, one pair perhaps several times, in chunks: to add or to take one out costs a binary search and
/// to move half a chunk.
struct TagPairList {
  private final class Chunk {
    var pairs: ContiguousArray<TagPair>

    init(_ pairs: some Sequence<TagPair>) {
      self.pairs = ContiguousArray(pairs)
      self.pairs.reserveCapacity(TagPairList.chunkMost)
    }
  }

  /// 4 KiB a chunk.
  private static let chunkMost = 256
  /// Chunks that together have no more than this are joined.
  private static let joinedMost = 128

  /// None of them is empty.
  private var chunks: [Chunk] = []
  private(set) var count = 0

  init() {}

  /// - Parameter pairs: in order.
  init(sorted pairs: ArraySlice<TagPair>) {
    count = pairs.count
    var rest = pairs
    while !rest.isEmpty {
      chunks.append(Chunk(rest.prefix(Self.chunkMost * 3 / 4)))
      rest = rest.dropFirst(Self.chunkMost * 3 / 4)
    }
  }

  var chunkCount: Int { chunks.count }
  static var chunkBytes: Int { chunkMost * MemoryLayout<TagPair>.size }

  mutating func insert(_ pair: TagPair) {
    count += 1
    guard !chunks.isEmpty else { return chunks.append(Chunk(CollectionOfOne(pair))) }
    let index = max(0, chunks.partitioningIndex { $0.pairs[0] > pair } - 1)
    let chunk = chunks[index]
    chunk.pairs.insert(pair, at: chunk.pairs.partitioningIndex { $0 > pair })
    guard chunk.pairs.count == Self.chunkMost else { return }
    chunks.insert(Chunk(chunk.pairs[(Self.chunkMost / 2)...]), at: index + 1)
    chunk.pairs.removeSubrange((Self.chunkMost / 2)...)
  }

  /// Takes one such pair out; whether there was one.
  mutating func remove(_ pair: TagPair) -> Bool {
    guard !chunks.isEmpty else { return false }
    // Where several are alike they may stand in several chunks: the last of them is as good as any.
    let index = max(0, chunks.partitioningIndex { $0.pairs[0] > pair } - 1)
    let chunk = chunks[index]
    let place = chunk.pairs.partitioningIndex { $0 > pair } - 1
    guard place >= 0, chunk.pairs[place] == pair else { return false }
    chunk.pairs.remove(at: place)
    count -= 1
    joinIfSparse(index)
    return true
  }

  private mutating func joinIfSparse(_ index: Int) {
    if chunks[index].pairs.isEmpty {
      chunks.remove(at: index)
      return
    }
    for first in [index - 1, index] where first >= 0 && first + 1 < chunks.count {
      guard chunks[first].pairs.count + chunks[first + 1].pairs.count <= Self.joinedMost else { continue }
      chunks[first].pairs.append(contentsOf: chunks[first + 1].pairs)
      chunks.remove(at: first + 1)
      return
    }
  }

  /// The pairs of a tag from a session's hash on, in order, each once, at most `limit`.
  func sessions(of tag: UInt64, from session: UInt64, limit: Int) -> [UInt64] {
    var found: [UInt64] = []
    let first = TagPair(tag: tag, session: session)
    var index = max(0, chunks.partitioningIndex { $0.pairs[0] >= first } - 1)
    while index < chunks.count {
      let pairs = chunks[index].pairs
      for pair in pairs[pairs.partitioningIndex { $0 >= first }...] {
        guard pair.tag == tag, found.count < limit else { return found }
        if found.last != pair.session { found.append(pair.session) }
      }
      index += 1
    }
    return found
  }

  /// All pairs in order, for tests.
  var all: [TagPair] { chunks.flatMap(\.pairs) }
}

extension RandomAccessCollection where Index == Int {
  /// The first place from which on the condition holds, in a collection in which it holds from some place on.
  func partitioningIndex(_ holds: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
