import Logging

/// What the log and systemd are told of the store: once when it goes, once when it is back.
struct StoreReport: Sendable {
  let logger: Logger
  /// What is behind the cache, in words for people.
  let name: String
  /// What STATS calls it: sqlite, redis.
  let kind: String
  let damageLog: RateLimitedLog
  /// Called when the state that STATUS= tells has changed; must be quick.
  let stateChanged: @Sendable () -> Void

  func isAway(_ reason: String) {
    logger.warning(
      "the store is away: \(reason); what is in memory is served", metadata: ["store": "\(name)"])
    stateChanged()
  }

  func isStale() {
    logger.warning(
      "the store is away for longer than stale-for: what was in memory of it is forgotten",
      metadata: ["store": "\(name)"])
  }

  func isBack(afterNanoseconds away: Int64) {
    logger.notice("the store is back after \(away / 1_000_000) ms", metadata: ["store": "\(name)"])
    stateChanged()
  }

  /// It is there; what it has is loaded as ever.
  func isRefusing(_ reason: String) {
    logger.warning("the store takes no changes: \(reason)", metadata: ["store": "\(name)"])
    stateChanged()
  }

  func isTaking(afterNanoseconds refused: Int64) {
    logger.notice(
      "the store takes changes again, after \(refused / 1_000_000) ms", metadata: ["store": "\(name)"])
    stateChanged()
  }

  func isWarm(sessions: Int64) {
    logger.notice(
      "the cache is warm: \(sessions) sessions that memory had not were loaded",
      metadata: ["store": "\(name)"])
  }

  /// A record that nobody had met before. The log says so once a minute.
  func isDamaged() {
    damageLog.log(
      "a record in the store \(name) is damaged: it is neither read nor changed until it is deleted or revoked"
    )
  }

  func remark(_ text: String) {
    logger.warning("\(text)", metadata: ["store": "\(name)"])
  }
}
