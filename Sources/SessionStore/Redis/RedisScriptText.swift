/// The text of a script, and the commands that run it.
struct RedisScriptText: Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  /// EVAL: with the text.
  func evaluated(key: [UInt8]) -> RedisCommand {
    var command = RedisCommand("EVAL", text, "1")
    command.append(key)
    return command
  }

  /// EVALSHA: by the name that the server has given it (SCRIPT LOAD), and forgets when it starts anew.
  func called(_ name: [UInt8], key: [UInt8]) -> RedisCommand {
    var command = RedisCommand("EVALSHA")
    command.append(name)
    command.append("1")
    command.append(key)
    return command
  }

  var loading: RedisCommand { RedisCommand("SCRIPT", "LOAD", text) }
}
