/// How requests and replies are written.
enum Wire {
  /// Lines (Protocol.md).
  case lines
  /// RESP2, as Redis and its relatives speak it.
  case resp
  /// memcached's text protocol.
  case memcached
}
