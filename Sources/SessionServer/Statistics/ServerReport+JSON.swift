import SessionCache
import SessionWire

/// The report as STATS tells it.
extension ServerReport {
  /// One JSON object.
  var json: [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.member("version", string: identity.version)
    json.member("pid", identity.pid)
    json.member("uptime", seconds: now - identity.started)
    json.member("sessions", cache.sessions)
    appendMemory(to: &json)
    json.member("marks", cache.marks)
    json.member("tagged_pairs", cache.taggedPairs)
    json.member("hits", hits)
    json.member("misses", misses)
    json.member("sets", sets)
    json.member("expired", cache.expired)
    json.member("full", full)
    json.beginObject("evicted")
    json.member("expired", cache.evicted.expired)
    json.member("untagged", cache.evicted.untagged)
    json.member("tagged", cache.evicted.tagged)
    json.endObject()
    json.member("forgotten", cache.forgotten)
    json.beginObject("mapped")
    json.member("hits", mappedHits)
    json.member("maps", maps)
    json.endObject()
    json.beginObject("connections")
    json.member("current", connections.current)
    json.member("accepted", connections.accepted)
    json.member("refused", connections.refused)
    json.member("dropped", connections.dropped)
    json.endObject()
    json.beginObject("polls")
    json.member("hits", goodPolls)
    json.member("misses", vainPolls)
    json.endObject()
    if let adoption {
      json.beginObject("adopted")
      json.member("sessions", adoption.sessions)
      json.member("seconds", seconds: adoption.nanoseconds)
      json.endObject()
    }
    store?.append(to: &json)
    if let busiest { json.member("busiest", json: Self.json(busiest)) }
    json.beginObject("commands")
    for command in commands { append(command, to: &json) }
    json.endObject()
    json.member("unknown", unknown)
    json.endObject()
    return json.bytes
  }

  private func appendMemory(to json: inout JSONWriter) {
    json.beginObject("memory")
    json.member("limit", cache.memoryLimit)
    json.member("reserved", cache.memoryReserved)
    json.member("used", cache.memoryUsed)
    json.member("index", cache.memoryIndex)
    json.member("tags", cache.tagBytes)
    json.member("events", cache.eventBytes)
    json.member("buffers", connections.bufferedBytes)
    json.endObject()
  }

  private static func json(_ busiest: [BusySession]) -> [UInt8] {
    var list = [UInt8(ascii: "[")]
    for busy in busiest {
      if list.count > 1 { list.append(UInt8(ascii: ",")) }
      list.append(contentsOf: #"{"session":"#.utf8)
      list.appendQuoted(busy.id.span)
      list.append(contentsOf: #","count":"#.utf8)
      list.appendDecimal(busy.count)
      list.append(UInt8(ascii: "}"))
    }
    list.append(UInt8(ascii: "]"))
    return list
  }

  private func append(_ numbers: PerCommand, to json: inout JSONWriter) {
    let latency = numbers.latency
    json.beginObject(numbers.command.name)
    json.member("count", latency.count)
    json.member("errors", numbers.errors)
    json.member("mean", microseconds: latency.mean)
    json.member("p50", microseconds: latency.percentile(0.5))
    json.member("p99", microseconds: latency.percentile(0.99))
    json.member("max", microseconds: latency.longest)
    json.endObject()
  }
}
