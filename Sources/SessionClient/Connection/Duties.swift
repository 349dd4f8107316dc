/// What the engine does on its own account, and when. Pure: it is told what happened and what time it is.
struct Duties {
  typealias Instant = ContinuousClock.Instant

  /// Reads out of the mapping are reported so often at most.
  static let reportInterval = Duration.seconds(1)
  /// A daemon that could not hand the segment out is asked again after so long.
  static let mappingPause = Duration.seconds(10)
  /// Uses are gathered for so long before the daemon is told.
  static let touchDelay = Duration.milliseconds(20)

  enum Mapping: Equatable {
    /// The program does not want it.
    case off
    /// To be asked for as soon as there is a connection.
    case wanted
    case asked
    /// The daemon could not hand it out just now: to be asked for again at this moment.
    case wantedAt(Instant)
    /// Handed out or refused, for as long as the connection lasts.
    case settled
  }

  var mapping: Mapping
  /// When the daemon is to be told of uses; nothing while there are none.
  var touchAt: Instant?
  /// When hits are to be reported; nothing while nobody reads.
  var reportAt: Instant?
  /// A TOUCH or a READS is on its way: the next one waits for the reply.
  var isTouching = false
  var isReporting = false
  /// Since when no reply has come although the engine asked for something.
  var unansweredSince: Instant?
  /// Until when reads may go on without a daemon; nothing while it answers.
  var aloneUntil: Instant?

  init(wantsMapping: Bool) {
    mapping = wantsMapping ? .wanted : .off
  }

  /// Whether the daemon is to be asked for the segment.
  func mappingIsDue(at now: Instant) -> Bool {
    switch mapping {
    case .wanted: true
    case .wantedAt(let moment): moment <= now
    case .off, .asked, .settled: false
    }
  }

  func touchIsDue(at now: Instant) -> Bool { !isTouching && touchAt.map { $0 <= now } ?? false }
  func reportIsDue(at now: Instant) -> Bool { !isReporting && reportAt.map { $0 <= now } ?? false }

  /// Takes note of something that the daemon is asked for.
  mutating func asked(at now: Instant) {
    unansweredSince = unansweredSince ?? now
  }

  mutating func disconnected() {
    if mapping != .off { mapping = .wanted }
    unansweredSince = nil
  }

  /// When there is something to do again, unless something happens before.
  ///
  /// - Parameters:
  ///   - isConnected: whether the daemon can be told anything.
  ///   - answerPatience: without a reply for so long the daemon counts as gone.
  func nextMoment(isConnected: Bool, holdsMapping: Bool, answerPatience: Duration) -> Instant? {
    var moments: [Instant] = []
    if isConnected {
      if case .wantedAt(let moment) = mapping { moments.append(moment) }
      if !isTouching, let touchAt { moments.append(touchAt) }
      if !isReporting, let reportAt { moments.append(reportAt) }
    }
    if holdsMapping {
      if let aloneUntil {
        moments.append(aloneUntil)
      } else if let unansweredSince {
        moments.append(unansweredSince + answerPatience)
      }
    }
    return moments.min()
  }
}
