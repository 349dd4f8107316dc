internal import SessionWire
internal import SystemCalls

/// Touches and hit counts: what readers of the mapping leave for the daemon to know.
extension ConnectionEngine {
  /// Takes note of a read that is to slide a session's time to live. Rarely called: for a session at most
  /// once in a tenth of it.
  @inline(never)
  func noteUse(of id: String, timeToLive: Int64, at now: Int64) {
    guard touches.note(id, timeToLive: timeToLive, at: now) else { return }
    state.withLock { state in
      // Without a thread uses wait for the first request, which starts it or fails.
      guard start(&state) == nil else { return }
      let moment = Instant.now + Duties.touchDelay
      state.duties.touchAt = state.duties.touchAt ?? moment
      state.wakeThread(by: moment)
    }
  }

  /// Has the thread report hits about once a second, until there are none; false if there is no thread.
  @inline(never)
  func startReporting() -> Bool {
    state.withLock { state in
      guard start(&state) == nil else { return false }
      let moment = Instant.now + Duties.reportInterval
      state.duties.reportAt = moment
      state.wakeThread(by: moment)
      return true
    }
  }

  /// Tells the daemon of the hits that it does not know of, before whatever is sent next.
  func reportHits() {
    state.withLock { state in
      let untold = takeUntold(&state)
      guard untold > 0, start(&state) == nil else { return }
      append(.reads(untold), to: &state)
    }
  }

  private func takeUntold(_ state: inout State) -> UInt64 {
    let untold = min(gate.pointee.hits - state.hitsTold, Limits.readsToldMost)
    state.hitsTold += untold
    return untold
  }

  func append(_ errand: Errand, to state: inout State) {
    state.pipeline.append(PendingRequest(errand))
    if state.connection != nil { state.duties.asked(at: .now) }
  }

  /// Does what is due, as far as a connection goes, but for asking for the mapping. Called by the thread, under
  /// the lock.
  func performDuties(_ state: inout State, at now: Instant) {
    guard let connection = state.connection, !state.pipeline.isDraining else { return }
    if state.duties.touchIsDue(at: now) {
      let batch = touches.takeBatch()
      if batch.isEmpty {
        state.duties.touchAt = nil
      } else {
        state.duties.isTouching = true
        append(.touch(batch), to: &state)
      }
    }
    if state.duties.reportIsDue(at: now) { report(&state, at: now) }
    state.flush(to: connection)
  }

  private func report(_ state: inout State, at now: Instant) {
    state.duties.reportAt = now + Duties.reportInterval
    let untold = takeUntold(&state)
    if untold > 0 {
      state.duties.isReporting = true
      append(.reads(untold), to: &state)
      return
    }
    if gate.pointee.letReporterSleep(afterTelling: state.hitsTold) { state.duties.reportAt = nil }
  }

  /// Takes the outcome of an errand other than MAP.
  func finish(_ errand: Errand, _ result: Result<ReplyLine, SessionError>) {
    state.withLock { state in
      switch errand {
      case .map:
        break
      case .reads(let hits):
        state.duties.isReporting = false
        // What may have been counted is not told again.
        if case .failure(let error) = result, !error.mayHaveBeenApplied {
          state.hitsTold -= hits
          state.duties.reportAt = state.duties.reportAt ?? .now
        }
      case .touch(let batch):
        state.duties.isTouching = false
        finishTouch(batch, result)
        if !touches.isEmpty { state.duties.touchAt = state.duties.touchAt ?? .now }
      }
    }
  }

  private func finishTouch(_ batch: [String], _ result: Result<ReplyLine, SessionError>) {
    switch result {
    case .success(.value): touches.confirm(batch)
    case .success(.refused(.tooLarge, _)): touches.putBack(batch, lineWasTooLong: true)
    case .success(.refused(.denied, _)): touches.mute()
    // Whatever the daemon has against it, it will have against it the next time.
    case .success: break
    case .failure: touches.putBack(batch)
    }
  }

  /// Tells a daemon that is there what it does not know yet, as far as the socket takes it at once.
  func sayGoodbye(_ state: inout State) {
    guard let connection = state.connection, !state.pipeline.isDraining else { return }
    let untold = takeUntold(&state)
    if untold > 0 { append(.reads(untold), to: &state) }
    let batch = touches.takeBatch()
    if !batch.isEmpty { append(.touch(batch), to: &state) }
    state.flush(to: connection)
  }
}

extension PendingRequest {
  /// The request that an errand is done by.
  convenience init(_ errand: Errand) {
    switch errand {
    case .map:
      self.init(line: RequestWriter(.map).line, errand: errand)
    case .reads(let hits):
      var writer = RequestWriter(.reads)
      writer.number(Int(hits))
      self.init(line: writer.line, errand: errand)
    case .touch(let batch):
      self.init(line: RequestWriter.touch(batch).line, errand: errand)
    }
  }
}

extension RequestWriter {
  fileprivate static func touch(_ ids: [String]) -> RequestWriter {
    var writer = RequestWriter(.touch)
    for id in ids {
      do throws(RequestWriter.Refusal) {
        try writer.session(id)
      } catch {
        // Only a damaged segment holds an id that the protocol does not allow.
        continue
      }
    }
    return writer
  }
}
