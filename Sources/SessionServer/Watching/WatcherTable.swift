import SessionCache
import SessionSegment

/// The watching connections of one reactor, to be found by the sessions that they watch, so that an event costs
/// those nothing that it does not concern.
struct WatcherTable {
  struct Watcher {
    let token: ConnectionTable.Token
    let watch: Watch
  }

  private var watches: [UInt64: Watch] = [:]
  /// Who watches a session, by the hash of its id.
  private var bySession: [UInt64: [Watcher]] = [:]
  private var ofAll: [Watcher] = []
  /// Those that go on by themselves.
  private var behind: Set<UInt64> = []
  private let seed: HashSeed

  init(seed: HashSeed) {
    self.seed = seed
  }

  var isEmpty: Bool { watches.isEmpty }
  var hasSomeBehind: Bool { !behind.isEmpty }

  subscript(token: ConnectionTable.Token) -> Watch? { watches[token.rawValue] }

  mutating func insert(_ watch: Watch, _ token: ConnectionTable.Token) {
    watches[token.rawValue] = watch
    let watcher = Watcher(token: token, watch: watch)
    if watch.isBehind { behind.insert(token.rawValue) }
    if watch.sessions.isAll { ofAll.append(watcher) }
    for hash in watch.sessions.hashes { bySession[hash, default: []].append(watcher) }
  }

  mutating func remove(_ token: ConnectionTable.Token) {
    guard let watch = watches.removeValue(forKey: token.rawValue) else { return }
    behind.remove(token.rawValue)
    if watch.sessions.isAll { ofAll.removeAll { $0.token == token } }
    for hash in watch.sessions.hashes {
      bySession[hash]?.removeAll { $0.token == token }
      if bySession[hash]?.isEmpty == true { bySession[hash] = nil }
    }
  }

  mutating func fallBehind(_ token: ConnectionTable.Token, at number: UInt64) {
    guard let watch = watches[token.rawValue], !watch.isBehind else { return }
    watch.fallBehind(at: number)
    behind.insert(token.rawValue)
  }

  mutating func catchUp(_ token: ConnectionTable.Token) {
    watches[token.rawValue]?.catchUp()
    behind.remove(token.rawValue)
  }

  /// Those that are not behind and whom an event of the portion may concern, each once.
  func concerned(by portion: borrowing EventPortion) -> [Watcher] {
    var concerned: [Watcher] = []
    func add(_ watchers: [Watcher]) {
      for watcher in watchers where !watcher.watch.isBehind && !watcher.watch.isConcerned {
        watcher.watch.isConcerned = true
        concerned.append(watcher)
      }
    }
    add(ofAll)
    if !bySession.isEmpty {
      portion.forEachEvent { _, id, to in
        if let watchers = bySession[SessionHash(id, seed: seed).bits] { add(watchers) }
        if !to.isEmpty, let watchers = bySession[SessionHash(to, seed: seed).bits] { add(watchers) }
      }
    }
    for watcher in concerned { watcher.watch.isConcerned = false }
    return concerned
  }

  /// Those whose place is no more in a log that is complete behind a number. Who is not behind has its place at
  /// `position`, or further on.
  func overtaken(by complete: UInt64, position: UInt64) -> [Watcher] {
    let candidates = position < complete ? Array(watches.keys) : Array(behind)
    return candidates.compactMap { token in
      guard let watch = watches[token] else { return nil }
      let place = watch.isBehind ? watch.position : max(watch.position, position)
      return place < complete ? Watcher(token: .init(rawValue: token), watch: watch) : nil
    }
  }
}
