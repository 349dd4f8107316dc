import SessionCache
import SessionStore
import SessionWire

/// Requests that meet something in the store that is not what was written. It is never taken for nothing: whoever asks
/// is told, whoever ends it has it removed.
extension RequestExecutor {
  /// Goes on with a request for which an id was loaded that is damaged.
  func meetDamage(
    _ id: [UInt8], _ parked: ParkedRequest, _ caller: Caller, _ reply: inout [UInt8], _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    if var work = parked.work {
      guard work.changesSessions else {
        // The others are touched all the same.
        work.failure = refusal(.damaged)
        work.ids.removeAll { $0 == id }
        parked.work = work
        return try self.work(on: parked, nil, caller, &reply, desk)
      }
      // Then it goes on as if there had been nothing, such as with the mark of a REVOKE; yet there was.
      work.batch = []
      work.planned = [id]
      work.lived = [id]
      parked.work = work
      return try remove(id, parked, desk)
    }
    guard case .deleteSession(let session) = parked.request, parked.bytes[session].elementsEqual(id) else {
      throw refusal(.damaged)
    }
    parked.reply = []
    parked.reply.appendOK(1)
    return try remove(id, parked, desk)
  }

  private func remove(
    _ id: [UInt8], _ parked: ParkedRequest, _ desk: StoreDesk
  ) throws(RequestError) -> Outcome {
    let waiter = desk.waiter(for: parked)
    // Somebody else has begun with it: what is there after that is another matter.
    guard desk.service.reserve([id], for: waiter) else { return .parked(parked) }
    let commit = StoreCommit(
      kind: .removal, changes: [PlannedChange(removing: id)], ids: [id], waiter: waiter)
    try asking { () throws(StoreRefusal) in try desk.service.commit(commit) }
    parked.beginCommit(commit)
    return .parked(parked)
  }
}
