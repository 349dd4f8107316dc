internal import SessionWire
internal import Synchronization
internal import SystemCalls

/// A client of the session daemon.
///
/// One client holds one connection, which all tasks of a program share: make one at the start and use it
/// everywhere. Requests of concurrent tasks are pipelined by themselves, and every task gets its own
/// reply. The connection is made with the first request, and made again when it was lost.
///
///     let sessions = SessionClient()
///     try await sessions.setMany("s1", ["key1": "value1", "key2": 42, "key3": true])
///     let answer: Int? = try await sessions.get("s1", "key2")
///
/// **Names.** Session ids and keys are 1 to 255 bytes of UTF-8 without control characters; others throw
/// `SessionError.invalidName` before anything is sent.
///
/// **Reads.** `get`, `peek`, `getMany`, `withJSON`, `exists` and `ttl` are answered out of the daemon's memory,
/// which is mapped into this process for reading where the daemon allows it (its setting `mappers`): without a
/// system call and without waiting, and never older than what was acknowledged before the call, to whichever
/// process. What is not found there is asked of the daemon. The first reads go over the socket, until the
/// mapping is there. While no daemon runs they go on for `Options.mappedReadsAlone`; all else throws.
///
/// **Code that is not async** reads by way of `blocking`.
///
/// **fork(2).** In a child process the client goes on reading out of the mapping, and makes a connection of its
/// own when it needs one. Use `blocking` there: tasks do not survive a fork.
///
/// **Idle time.** A session ends when nobody used it for its time to live. Every call says whether it
/// *slides* that time, which is to start it anew.
///
/// **Errors.** All calls throw `SessionError`, or `CancellationError` when their task is cancelled. A
/// session that does not exist is `nil` and no error.
///
/// **Lost connections.** Reads, `touch`, `expire`, `delete` and `revoke` are sent again on the next connection
/// if the old one broke before their reply: executed twice they come to the same, and none of them can bring
/// back a session that somebody ended in between. (`delete` and `revoke` may count nothing the second time
/// although the first copy ended something.) All other writes are not sent again once they may have reached the
/// daemon: they throw an error whose `mayHaveBeenApplied` is true. `increment`, `flush`, `create`, `rename` and
/// writes with `ifVersion:` would count or compare twice; `tag`, `untag`, `revokeAll` and `restore` might undo
/// what others did since; `set` and `setMany` might undo a log-out or overwrite something newer, and
/// `Options.repeatsLostSets` is there for programs that don't mind. (`update` finds out by itself whether its
/// write was executed, as far as that can be known.) A request that certainly was not
/// executed, because its line was not sent to the end or a daemon declined it while shutting down or had no
/// room for the connection, is sent on the next connection whatever it is.
///
/// **Changes** that depend on what was read are for `update`; and `events` tells of those that others make.
///
/// **Moving over.** A program that knows only the protocol `SessionStoring` can do without a daemon as well: see
/// `LocalSessions` and `sessions(fromEnvironment:)`.
///
/// **Cancellation.** A cancelled call throws at once. A change that was on its way may still happen.
public final class SessionClient: Sendable {
  /// Leads to the engine of this process, which it keeps alive. Stored releasing and loaded acquiring: whoever
  /// sees the gate sees the engine. (Safe to share: all that changes behind it is atomic.)
  nonisolated(unsafe) private let currentGate: Atomic<UnsafeMutablePointer<ReadGate>>
  /// Iterations over events, which have connections of their own.
  let watches = EventWatches()

  /// A client of the daemon at the socket given, else of the one found by the rule of `SocketLocator`.
  /// Nothing is connected yet, and nothing thrown where no daemon runs.
  public convenience init(socket path: String? = nil, options: Options = Options()) {
    self.init(locator: SocketLocator(named: path), options: options)
  }

  /// - Parameter pollingSlots: how many threads may look for messages at a time; the process's own but in tests.
  init(locator: SocketLocator, options: Options, pollingSlots: PollingSlots = .shared) {
    let engine = ConnectionEngine(options: options, locator: locator, pollingSlots: pollingSlots)
    currentGate = Atomic(Unmanaged.passRetained(engine).takeUnretainedValue().gate)
  }

  deinit {
    let gate = gate
    gate.pointee.engine.takeUnretainedValue().close()
    gate.pointee.engine.release()
  }

  /// Closes the connection. Calls that wait throw `SessionError.closed`, or
  /// `SessionError.disconnected(mayHaveBeenApplied: true)` where a change was on its way; later calls throw
  /// `SessionError.closed`. Iterations over events end. Letting go of the last reference closes as well.
  public func close() {
    watches.close()
    engine.close()
  }

  var engine: ConnectionEngine { gate.pointee.engine.takeUnretainedValue() }

  /// The gate of this process. It stays where it is for as long as the client.
  @inline(__always)
  var gate: UnsafeMutablePointer<ReadGate> {
    let gate = currentGate.load(ordering: .acquiring)
    return gate.pointee.isOfThisProcess ? gate : replaceAfterFork(gate)
  }

  /// In the child of a fork(2): makes an engine for this process, which takes over the mapping.
  ///
  /// The one of the parent is left alone for good, since a thread that is not there may have held its lock
  /// at the time; but for the copies of its descriptors, which are closed.
  @inline(never)
  private func replaceAfterFork(_ abandoned: UnsafeMutablePointer<ReadGate>) -> UnsafeMutablePointer<ReadGate>
  {
    let parent = abandoned.pointee.engine.takeUnretainedValue()
    let engine = ConnectionEngine(
      options: parent.options, locator: parent.locator, pollingSlots: parent.pollingSlots,
      inheriting: abandoned.pointee.view, closesAt: abandoned.pointee.closesAt)
    let (isMine, current) = currentGate.compareExchange(
      expected: abandoned, desired: engine.gate, ordering: .acquiringAndReleasing)
    guard isMine else {
      // Another thread of this process was faster.
      engine.state.withLock { $0.shelf.disown() }
      return current
    }
    _ = Unmanaged.passRetained(engine)
    parent.openDescriptors.closeAll()
    return engine.gate
  }
}

extension SessionClient {
  /// How long a client is willing to wait, and what it does about lost replies.
  public struct Options: Sendable {
    /// How long a call may take from its start to its reply, reconnecting included. 5 s unless set.
    public var requestTimeout: Duration
    /// How long a call waits for a connection while the daemon can't be reached. 1 s unless set, which
    /// bridges a restart; with 0 one attempt is made.
    public var reconnectPatience: Duration
    /// Whether a `set` or `setMany` without `ifVersion:` whose reply was lost with its connection is sent
    /// again, as `delete` always is. False unless set. The first copy may have been executed: where somebody
    /// ended the session in between, which is what a log-out does, the second one begins it anew; where
    /// somebody wrote the same keys, it overwrites them. So set this only where neither matters.
    public var repeatsLostSets: Bool
    /// A reply line longer than this many bytes is taken for nonsense. 64 MiB unless set.
    public var replyBytesMax: Int
    /// Whether reads are answered out of the daemon's memory where the daemon allows it.
    public var mapping: Mapping
    /// For how long reads go on out of the mapping while no daemon answers. 5 minutes unless set. Nothing is
    /// written meanwhile, so what they find is the truth; but nobody's time to live slides, and a daemon that
    /// is gone for good shall not go unnoticed. Afterwards they throw like everything else.
    public var mappedReadsAlone: Duration
    /// For how long the thread of a call whose request is the only one under way looks for the reply before it
    /// sleeps, or its task is suspended; 1 ms at most. 50 µs unless set; with 0 it never does. To be woken takes
    /// longer than a request, and costs more processor time than looking for so short a time: where replies take
    /// longer than this, or the machine is busy, the client notices and lets it be. While it tries whether looking
    /// pays, a look may last 50 µs longer. It is not ended by a cancellation.
    public var busyPoll: Duration

    /// How sessions are read.
    public enum Mapping: Sendable {
      /// Out of the daemon's memory where possible.
      case automatic
      /// Over the socket.
      case off
    }

    /// - Parameters:
    ///   - requestTimeout: from a call's start to its reply; 0 to 365 days, beyond which the nearer bound counts.
    ///   - reconnectPatience: how long a call waits for a connection; bounded in the same way.
    ///   - repeatsLostSets: whether a set may be executed twice when its connection broke.
    ///   - replyBytesMax: the most bytes of a reply line.
    ///   - mapping: whether reads are answered out of the daemon's memory.
    ///   - mappedReadsAlone: for how long they go on without a daemon; bounded in the same way.
    ///   - busyPoll: for how long a lone call looks for its reply before it sleeps; 0 to 1 ms, beyond which the
    ///     nearer bound counts.
    public init(
      requestTimeout: Duration = .seconds(5), reconnectPatience: Duration = .seconds(1),
      repeatsLostSets: Bool = false, replyBytesMax: Int = 64 * 1024 * 1024, mapping: Mapping = .automatic,
      mappedReadsAlone: Duration = .seconds(300), busyPoll: Duration = .microseconds(50)
    ) {
      self.requestTimeout = requestTimeout
      self.reconnectPatience = reconnectPatience
      self.repeatsLostSets = repeatsLostSets
      self.replyBytesMax = replyBytesMax
      self.mapping = mapping
      self.mappedReadsAlone = mappedReadsAlone
      self.busyPoll = busyPoll
    }

    /// Nobody waits longer than a year, and instants so near never overflow.
    private static let waitMax = Duration.seconds(365 * 86_400)
    /// Who looks takes a processor from everybody else.
    private static let busyPollMax = Duration.milliseconds(1)

    var boundedRequestTimeout: Duration { min(max(requestTimeout, .zero), Self.waitMax) }
    var boundedReconnectPatience: Duration { min(max(reconnectPatience, .zero), Self.waitMax) }
    var boundedMappedReadsAlone: Duration { min(max(mappedReadsAlone, .zero), Self.waitMax) }
    var boundedBusyPoll: Duration { min(max(busyPoll, .zero), Self.busyPollMax) }
  }
}
