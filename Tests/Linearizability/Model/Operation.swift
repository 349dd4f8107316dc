/// One request of one client to one session, from just before it was sent until just after its reply.
public struct Operation: Hashable, Sendable {
  public var call: Call
  /// nil: the reply was lost, so nobody knows whether it was done.
  public var outcome: Outcome?
  /// Any clock that all clients share.
  public var begin: Int64
  /// By then it was done, or never will be. `.max` where the reply was lost and nothing more is known.
  public var end: Int64
  /// Who asked, for people.
  public var client: String

  public init(_ call: Call, _ outcome: Outcome?, _ begin: Int64, _ end: Int64, client: String = "") {
    self.call = call
    self.outcome = outcome
    self.begin = begin
    self.end = end
    self.client = client
  }

  /// The version that this operation made, where its reply tells.
  var madeVersion: UInt64? {
    guard case .version(let version)? = outcome else { return nil }
    return version
  }
}

extension Operation: CustomStringConvertible {
  public var description: String {
    let result = outcome.map { "\($0)" } ?? "nobody knows"
    let until = end == .max ? "…" : "\(end)"
    return "[\(begin) \(until)] \(client) \(call) -> \(result)"
  }
}
