import SessionCache
import SessionSegment
import SessionWire
import SystemCalls

/// Commands that change a session: SET MSET DEL INCR.
extension RequestExecutor {
  func write(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ options: Request.WriteOptions, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    let cacheOptions = SessionCache.WriteOptions(version: options.version, ttl: options.ttlNanoseconds)
    do throws(CacheError) {
      reply.appendOK(try cache.write(bytes.extracting(session), &edits, of: bytes, cacheOptions, at: now))
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
    statistics.count(statistics.sets)
  }

  func deleteKeys(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ now: Int64, _ reply: inout [UInt8]
  ) throws(RequestError) {
    edits.removeAll()
    for key in parser.words { edits.add(key: key, value: nil, in: bytes) }
    do throws(CacheError) {
      reply.appendOK(try cache.removeKeys(bytes.extracting(session), &edits, of: bytes, at: now))
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
  }

  func increment(
    _ bytes: Span<UInt8>, _ session: Range<Int>, _ key: Range<Int>, _ amount: Int64, _ now: Int64,
    _ reply: inout [UInt8]
  ) throws(RequestError) {
    do throws(CacheError) {
      let sum = try cache.increment(
        bytes.extracting(session), key: bytes.extracting(key), by: amount, &edits, at: now)
      reply.appendOK(sum)
    } catch {
      throw RequestError(error, limits: cache.settings)
    }
  }
}
