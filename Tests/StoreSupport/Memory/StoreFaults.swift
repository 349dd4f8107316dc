import Glibc
public import SessionStore
import SystemCalls

/// What is to go wrong with a store, or to take its time, and how often each call was made.
///
/// A call is counted, waits as `slow` says, waits at the gate, and fails if the connection is lost or a failure is
/// due; then it does its work, waits at the gate behind it, and fails if a failure after the work is due.
public final class StoreFaults: Sendable {
  /// Where in a call something happens to it.
  public enum Moment: Hashable, Sendable {
    case before
    /// The work is done, and nobody has been told.
    case after
  }

  private struct Place: Hashable {
    let call: StoreCall
    let moment: Moment
  }

  private struct Failure {
    let error: StoreError
    /// nil: until it is mended.
    var times: Int?
  }

  private struct State {
    var counts: [StoreCall: Int] = [:]
    var failures: [Place: Failure] = [:]
    var gates: Set<Place> = []
    var held = 0
    var isConnected = false
    var isReachable = true
    var remark: String?
    var wait: (@Sendable (StoreCall) -> Void)?
    var refusal: (@Sendable (StoreChange) -> String?)?
  }

  private let state = Guarded(State())
  /// Longer than any test: a gate that was forgotten ends the call and not the test run.
  private static let looksMost = 60_000
  private static let lookMicroseconds: UInt32 = 1000

  init() {}

  /// What the store says of itself when it is opened.
  public var remark: String? {
    get { state.withLock { $0.remark } }
    set { state.withLock { $0.remark = newValue } }
  }

  /// How often a call was made, whatever came of it.
  public func count(of call: StoreCall) -> Int { state.withLock { $0.counts[call] ?? 0 } }

  /// Every call runs `wait` before it does anything; nil ends that.
  public func slow(_ wait: (@Sendable (StoreCall) -> Void)?) { state.withLock { $0.wait = wait } }

  /// Lets calls fail: so many times each, or until `mend` (nil). After the work is done the change is made although
  /// the error may say that nobody knows.
  public func fail(
    _ calls: Set<StoreCall>, _ moment: Moment = .before, with error: StoreError, times: Int? = 1
  ) {
    state.withLock { state in
      for call in calls {
        state.failures[Place(call: call, moment: moment)] = Failure(error: error, times: times)
      }
    }
  }

  /// Lets `apply` refuse the changes for which `refusal` has a reason; nil ends that.
  public func refuse(_ refusal: (@Sendable (StoreChange) -> String?)?) {
    state.withLock { $0.refusal = refusal }
  }

  var refusal: (@Sendable (StoreChange) -> String?)? { state.withLock { $0.refusal } }

  /// Ends all failures, and `open` finds the store again.
  public func mend() {
    state.withLock { state in
      state.failures = [:]
      state.isReachable = true
    }
  }

  /// Loses the connection: all calls fail until `open`, which fails as well until `mend` unless the store is
  /// reachable.
  public func disconnect(isReachable: Bool = true) {
    state.withLock { state in
      state.isConnected = false
      state.isReachable = isReachable
    }
  }

  /// Calls wait at this place until `release`.
  public func hold(_ calls: Set<StoreCall>, _ moment: Moment = .before) {
    state.withLock { state in state.gates.formUnion(calls.map { Place(call: $0, moment: moment) }) }
  }

  /// Lets all go that wait, and holds none any more.
  public func release() { state.withLock { $0.gates = [] } }

  /// Waits until so many calls wait at gates; false if they have not come for a long time.
  public func waitUntilHeld(_ count: Int = 1) -> Bool {
    for _ in 0..<Self.looksMost {
      if state.withLock({ $0.held >= count }) { return true }
      usleep(Self.lookMicroseconds)
    }
    return false
  }

  func perform<Result>(
    _ call: StoreCall, _ work: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let wait = state.withLock { state in
      state.counts[call, default: 0] += 1
      return state.wait
    }
    wait?(call)
    try pass(call, .before)
    let result = try work()
    try pass(call, .after)
    return result
  }

  private func pass(_ call: StoreCall, _ moment: Moment) throws(StoreError) {
    let place = Place(call: call, moment: moment)
    try waitAtGate(place)
    try state.withLock { state throws(StoreError) in
      if moment == .before { try Self.connect(&state, call) }
      guard var failure = state.failures[place] else { return }
      if let times = failure.times {
        failure.times = times - 1
        state.failures[place] = times > 1 ? failure : nil
      }
      throw failure.error
    }
  }

  private static func connect(_ state: inout State, _ call: StoreCall) throws(StoreError) {
    if call == .open, state.isReachable { state.isConnected = true }
    guard state.isConnected else { throw .unavailable("the connection is lost", isDecided: true) }
  }

  private func waitAtGate(_ place: Place) throws(StoreError) {
    guard
      state.withLock({ state in
        guard state.gates.contains(place) else { return false }
        state.held += 1
        return true
      })
    else { return }
    defer { state.withLock { $0.held -= 1 } }
    for _ in 0..<Self.looksMost {
      if state.withLock({ !$0.gates.contains(place) }) { return }
      usleep(Self.lookMicroseconds)
    }
    throw .unavailable("nobody opened the gate", isDecided: place.moment == .before)
  }
}
