import SessionWire

/// Which sessions are used most: one of 64 uses is looked at. A request is a use of each session that it names,
/// whether there is one or not.
extension RequestExecutor {
  /// Takes note of a request that was just parsed. It neither waits nor allocates.
  func sample(_ request: Request, _ bytes: Span<UInt8>, _ now: Int64) {
    if let session = request.namedSession {
      guard sampler.pick(of: 1) != nil else { return }
      statistics.noteUse(of: bytes.extracting(session), at: now)
    } else if request.namesSessions {
      var position = 0
      while let picked = sampler.pick(of: parser.words.count - position) {
        position += picked
        statistics.noteUse(of: bytes.extracting(parser.words[position - 1]), at: now)
      }
    }
  }
}
