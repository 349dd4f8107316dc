internal import SessionWire

extension Pipeline {
  /// What a reply means for the connection that it came on.
  enum Verdict: Equatable {
    /// All is well.
    case proceed
    /// The daemon took no connection from us, and closes this one. Nothing was executed.
    case turnedAway(String)
    /// The other side does not speak the protocol: no reply on this connection can be trusted.
    case violation(String)
  }

  /// Takes the next reply, which belongs to the request sent first of those that have none.
  ///
  /// A line over the daemon's limit is answered as soon as that is known: before its end is sent.
  mutating func accept(_ reply: ReplyLine, into settlements: inout [Settlement]) -> Verdict {
    if isFresh, case .refused(.limit, let text) = reply { return .turnedAway(text) }
    isFresh = false
    guard let request = sent.popFirst() else {
      guard headOffset > 0, let partlySent = unsent.first, !partlySent.isAnswered else {
        return .violation("a reply came that nobody asked for")
      }
      partlySent.isAnswered = true
      settle(partlySent, .success(reply), into: &settlements)
      return .proceed
    }
    unawaitedPrefix = max(0, unawaitedPrefix - 1)
    if case .refused(.stopping, let text) = reply {
      isDraining = true
      postpone(request, text, into: &settlements)
    } else {
      settle(request, .success(reply), into: &settlements)
    }
    return .proceed
  }

  /// The daemon is shutting down and did not execute the request: the next daemon gets it.
  private mutating func postpone(
    _ request: PendingRequest, _ text: String, into settlements: inout [Settlement]
  ) {
    guard !request.isSettled else { return }
    request.timesSent -= 1
    request.timesPostponed += 1
    guard request.errand == nil, request.timesPostponed < Self.sendsMax else {
      settle(request, .failure(.stopping(text)), into: &settlements)
      return
    }
    request.stage = .postponed
    postponed.append(request)
  }
}
