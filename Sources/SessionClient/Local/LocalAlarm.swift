/// Calls back once, at the earliest moment that it was set to.
struct LocalAlarm {
  private var moment: Int64?
  private var task: Task<Void, Never>?

  /// - Parameters:
  ///   - moment: nanoseconds of the clock.
  ///   - now: what the clock shows.
  mutating func set(to moment: Int64, from now: Int64, _ body: @escaping @Sendable () -> Void) {
    if let set = self.moment, set <= moment { return }
    cancel()
    self.moment = moment
    task = Task.detached {
      do {
        try await Task.sleep(for: .nanoseconds(max(moment - now, 0)))
      } catch {
        // It was set anew.
        return
      }
      body()
    }
  }

  mutating func cancel() {
    task?.cancel()
    task = nil
    moment = nil
  }
}
