import SessionCache
import SessionWire

/// The report as METRICS tells it: the numbers of STATS in base units, ratios left to who asks. Counters begin
/// at 0 with the daemon.
extension ServerReport {
  /// A text of OpenMetrics 1.0.
  var openMetrics: String {
    var text = OpenMetricsWriter()
    text.begin("sessiond_build", .info, help: "The version of the daemon.")
    text.sample(1, [("version", identity.version)])
    text.begin("sessiond_start_time_seconds", .gauge, unit: .seconds, help: "When it started, since 1970.")
    text.sample(seconds: startedWall)
    appendSessions(to: &text)
    appendMemory(to: &text)
    appendReads(to: &text)
    appendWrites(to: &text)
    appendConnections(to: &text)
    appendAdoption(to: &text)
    store?.append(to: &text)
    appendRequests(to: &text)
    return text.finish()
  }

  private func appendSessions(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_sessions", .gauge, help: "Sessions in memory.")
    text.sample(cache.sessions)
    text.begin("sessiond_marks", .gauge, help: "Ids that are closed for now, being revoked or renamed.")
    text.sample(cache.marks)
    text.begin("sessiond_tagged_pairs", .gauge, help: "Tags of all sessions together.")
    text.sample(cache.taggedPairs)
    text.begin("sessiond_sessions_expired", .counter, help: "Sessions that ended by their time.")
    text.sample(cache.expired)
    text.begin(
      "sessiond_sessions_evicted", .counter, help: "Sessions that ended because a write wanted their memory.")
    text.sample(cache.evicted.expired, [("kind", "expired")])
    text.sample(cache.evicted.untagged, [("kind", "untagged")])
    text.sample(cache.evicted.tagged, [("kind", "tagged")])
    text.begin("sessiond_sessions_forgotten", .counter, help: "Sessions that left memory for the store.")
    text.sample(cache.forgotten)
  }

  private func appendMemory(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_memory_limit_bytes", .gauge, unit: .bytes, help: "The size of the segment.")
    text.sample(cache.memoryLimit)
    text.begin(
      "sessiond_memory_reserved_bytes", .gauge, unit: .bytes,
      help: "Memory of the segment that was taken from the system.")
    text.sample(cache.memoryReserved)
    text.begin(
      "sessiond_memory_used_bytes", .gauge, unit: .bytes,
      help: "Memory in use: records and index in the segment, the rest in the process.")
    text.sample(cache.memoryUsed - cache.memoryIndex, [("kind", "records")])
    text.sample(cache.memoryIndex, [("kind", "index")])
    text.sample(cache.tagBytes, [("kind", "tags")])
    text.sample(cache.eventBytes, [("kind", "events")])
    text.sample(connections.bufferedBytes, [("kind", "buffers")])
  }

  private func appendReads(to text: inout OpenMetricsWriter) {
    text.begin(
      "sessiond_reads", .counter,
      help: "GET, PEEK and MGET over the socket, and reads out of mappings, which only tell of hits.")
    text.sample(hits, [("path", "socket"), ("result", "hit")])
    text.sample(misses, [("path", "socket"), ("result", "miss")])
    text.sample(mappedHits, [("path", "mapping"), ("result", "hit")])
    text.begin("sessiond_maps", .counter, help: "How often the segment was handed out.")
    text.sample(maps)
  }

  private func appendWrites(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_writes", .counter, help: "SET and MSET that were done.")
    text.sample(sets)
    text.begin("sessiond_writes_full", .counter, help: "Writes that were refused since memory is full.")
    text.sample(full)
  }

  private func appendConnections(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_connections", .gauge, help: "Connections now.")
    text.sample(connections.current)
    text.begin("sessiond_connections_accepted", .counter, help: "Connections accepted.")
    text.sample(connections.accepted)
    text.begin("sessiond_connections_refused", .counter, help: "Connections turned away at a limit.")
    text.sample(connections.refused)
    text.begin("sessiond_connections_dropped", .counter, help: "Connections closed by the daemon.")
    text.sample(connections.dropped)
    text.begin(
      "sessiond_polls", .counter, help: "How often the next request was looked for before sleeping.")
    text.sample(goodPolls, [("result", "hit")])
    text.sample(vainPolls, [("result", "miss")])
  }

  private func appendAdoption(to text: inout OpenMetricsWriter) {
    text.begin("sessiond_adopted_sessions", .gauge, help: "Sessions that were taken over at the start.")
    text.sample(adoption?.sessions ?? 0)
    text.begin("sessiond_adoption_seconds", .gauge, unit: .seconds, help: "How long that took.")
    text.sample(seconds: adoption?.nanoseconds ?? 0)
  }

  private func appendRequests(to text: inout OpenMetricsWriter) {
    text.begin(
      "sessiond_request_duration_seconds", .histogram, unit: .seconds,
      help: "From a request to its reply, by command, without the time on the wire.")
    for entry in commands { text.samples(entry.latency, [("command", entry.command.name)]) }
    text.begin("sessiond_request_errors", .counter, help: "Requests that were answered ERR, by command.")
    for entry in commands { text.sample(entry.errors, [("command", entry.command.name)]) }
    text.begin("sessiond_unknown_requests", .counter, help: "Lines that named no command.")
    text.sample(unknown)
  }
}
