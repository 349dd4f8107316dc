import SessionStore

/// The store as METRICS tells it.
extension StoreNumbers {
  func append(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_store", .info, help: "What is behind the cache.")
    text.sample(1, [("kind", kind), ("durability", durability)])
    text.begin("sessiond_store_up", .gauge, help: "Whether the store is there: 1, or 0 while it is away.")
    text.sample(condition.name == "away" ? 0 : 1)
    text.begin(
      "sessiond_store_refusing", .gauge, help: "Whether the store is there and takes no changes: 1, else 0.")
    text.sample(condition.name == "refusing" ? 1 : 0)
    appendQueue(to: &text)
    appendLoads(to: &text)
    appendSaves(to: &text)
    text.begin("sessiond_store_failures", .counter, help: "Calls that the store did not do.")
    text.sample(failures)
    text.begin("sessiond_store_round_trips", .counter, help: "Waits for the answer of a server.")
    text.sample(own.roundTrips)
    text.begin(
      "sessiond_store_invalidations", .counter, help: "Ids that a server said were changed by others.")
    text.sample(own.invalidations)
    text.begin("sessiond_store_damaged", .counter, help: "Records found damaged, each once.")
    text.sample(own.damaged)
  }

  private func appendQueue(to text: inout OpenMetricsWriter) {
    text.begin(
      "sessiond_store_unsaved_sessions", .gauge, help: "Sessions with changes that the store has not got.")
    text.sample(unsaved)
    text.begin(
      "sessiond_store_unsaved_sessions_limit", .gauge, help: "How many there may be before writers wait.")
    text.sample(queueMost)
    text.begin("sessiond_store_waiting_requests", .gauge, help: "Requests that wait for the store.")
    text.sample(waiting)
  }

  private func appendLoads(to text: inout OpenMetricsWriter) {
    text.begin(
      "sessiond_store_loads", .counter, help: "Ids that the store was asked for, and had or had not.")
    text.sample(loadHits, [("result", "hit")])
    text.sample(loadMisses, [("result", "miss")])
    text.begin(
      "sessiond_store_load_duration_seconds", .histogram, unit: .seconds, help: "Calls that load.")
    text.samples(load)
    guard let warmed else { return }
    text.begin(
      "sessiond_store_warmed_sessions", .gauge, help: "Sessions that an empty cache was filled with.")
    text.sample(warmed)
  }

  private func appendSaves(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_store_saves", .counter, help: "Records that the store took.")
    text.sample(saves)
    text.begin(
      "sessiond_store_batch_duration_seconds", .histogram, unit: .seconds, help: "Calls that save.")
    text.samples(batch)
    text.begin(
      "sessiond_store_conflicts", .counter, help: "Changes made again since another daemon was faster.")
    text.sample(conflicts)
  }
}
