import SessionWire

/// A request that waits for the store, with all that it takes to perform it again: its line, decoded, and what the
/// parser knows of it. The connection's next line waits for its reply.
final class ParkedRequest {
  let request: Request
  /// The line; the request's ranges are ranges of it.
  let bytes: [UInt8]
  var parser: RequestParser
  let began: Int64
  /// By which its reactor is told of the answer; another one for each wait.
  var ticket: UInt64 = 0
  /// Whether it has something to do without an answer: one that is done in slices.
  var isRunnable = false
  /// What it changes: reserved while it is worked out, until its changes are committed.
  var ids: [[UInt8]] = []
  /// The reply, for when its changes are committed.
  var reply: [UInt8] = []
  private(set) var isCommitting = false
  /// Bytes of its changes meanwhile.
  private var committedBytes = 0
  /// How often it was performed in vain because something was missing, because memory had no room although everything
  /// in it was saved, and because somebody else was faster.
  var loads = 0
  var waitsForNothing = 0
  var conflicts = 0
  /// When it last came on, which is from when its waiting is counted.
  var progressed: Int64
  /// How long it may wait at this stretch, in nanoseconds.
  var patience: Int64 = 0
  /// Whether what it rests on has come from a shared store since it was asked.
  var isVerified = false
  /// The state of one that is done in slices.
  var work: StoredWork?

  /// - Parameter line: where it stands in `bytes`.
  init(_ request: Request, _ bytes: Span<UInt8>, line: Range<Int>, parser: RequestParser, began: Int64) {
    self.request = request.moved(by: line.lowerBound)
    self.bytes = [UInt8](copying: bytes.extracting(line))
    self.parser = parser.moved(by: line.lowerBound)
    self.began = began
    progressed = began
  }

  /// Some of it is done: what it waits for from now on counts anew.
  func noteProgress(at now: Int64) {
    progressed = now
    (loads, waitsForNothing, conflicts) = (0, 0, 0)
  }

  /// Its changes are put to the store; the answer is waited for.
  func beginCommit(_ commit: StoreCommit) {
    isCommitting = true
    committedBytes = commit.byteCount
  }

  func endCommit() {
    isCommitting = false
    committedBytes = 0
  }

  /// Bytes that are held for it.
  var heldBytes: Int { bytes.count + reply.count + committedBytes }
}
