internal import Glibc

/// Sessions of the daemon or of this process, as the environment says: the flag by which a program is moved
/// over, and back.
///
///     let sessions = try sessions(fromEnvironment: .process)
///
/// | `USE_SESSIOND` | |
/// |---|---|
/// | `1`, `true`, `yes`, `on` | a `SessionClient`, of the daemon that `SESSIOND_SOCKET` names, or the usual one |
/// | not set, empty, `0`, `false`, `no`, `off` | `LocalSessions` |
///
/// Capitals don't matter. Nothing is connected yet.
///
/// - Parameters:
///   - environment: the variables: this process's, or a dictionary.
///   - client: how the daemon is used.
///   - local: how sessions of this process live.
/// - Throws: `SessionError.invalidArgument` for any other value: a flag that is misspelt must not choose.
public func sessions(
  fromEnvironment environment: SessionEnvironment,
  client: SessionClient.Options = .init(), local: LocalSessions.Options = .init()
) throws(SessionError) -> any SessionStoring {
  let flag = environment.variable("USE_SESSIOND") ?? ""
  switch flag.lowercased() {
  case "1", "true", "yes", "on":
    let locator = SocketLocator(named: nil, user: getuid(), environment: environment.variable)
    return SessionClient(locator: locator, options: client)
  case "", "0", "false", "no", "off":
    return LocalSessions(options: local)
  default:
    throw .invalidArgument(
      "USE_SESSIOND is \"\(flag)\"; it takes 1, true, yes or on for the daemon, and 0, false, no or off for none."
    )
  }
}
