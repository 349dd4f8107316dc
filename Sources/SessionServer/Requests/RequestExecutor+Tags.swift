import SessionCache
import SessionWire
import SystemCalls

/// Tags: TAG UNTAG TAGGED.
extension RequestExecutor {
  func tag(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    let added = try refusing { () throws(CacheError) in
      try cache.addTags(bytes.extracting(session), parser.words, of: bytes, at: now, plan: plan)
    }
    added.map { reply.appendOK($0) } ?? reply.appendNil()
  }

  func untag(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    let removed = try refusing { () throws(CacheError) in
      try cache.removeTags(bytes.extracting(session), parser.words, of: bytes, at: now, plan: plan)
    }
    removed.map { reply.appendOK($0) } ?? reply.appendNil()
  }

  func tagged(
    _ bytes: Span<UInt8>, _ tag: Range<Int>, after: Range<Int>?, limit: Int, _ now: Int64,
    _ reply: inout [UInt8]
  ) {
    let ids: [[UInt8]]
    if let after {
      ids = cache.tagged(bytes.extracting(tag), after: bytes.extracting(after), limit: limit, at: now)
    } else {
      ids = cache.tagged(bytes.extracting(tag), after: nil, limit: limit, at: now)
    }
    reply.appendOKPrefix()
    reply.appendArray(of: ids)
    reply.appendLineEnd()
  }
}

extension [UInt8] {
  init(copying bytes: Span<UInt8>) {
    self = []
    append(bytes)
  }

  /// A JSON array of ids or tags.
  mutating func appendArray(of names: [[UInt8]]) {
    append(UInt8(ascii: "["))
    for (index, name) in names.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendQuoted(name.span)
    }
    append(UInt8(ascii: "]"))
  }
}
