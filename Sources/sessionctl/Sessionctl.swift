import ArgumentParser

/// The tool for people and scripts.
struct Sessionctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessionctl",
    abstract: "Look at and change the sessions of a running sessiond.",
    discussion: """
      Examples:
        sessionctl set s1 theme dark     set one key to a string
        sessionctl set s1 cart '[1, 2]'  set one key to JSON
        sessionctl get s1 theme          print one value
        sessionctl get s1 --json         print the whole session as JSON
        sessionctl incr s1 hits          count
        sessionctl expire s1 30m         end it after 30 minutes without use
        sessionctl del s1                end it now
        sessionctl revoke s1             end it, and let nobody bring it back
        sessionctl tag s1 user:42        mark it as one of this user's
        sessionctl revoke-all user:42    log the user out everywhere
        sessionctl why s1                say why it ended
        sessionctl watch s1              see what happens to it
        sessionctl dump > sessions       keep all sessions in a file
        sessionctl load sessions         bring them back
        sessionctl stats                 how the daemon is doing
        sessionctl metrics               the same for Prometheus
        sessionctl top                   what it does, as it does it
        sessionctl doctor                what is wrong with it, and what to do

      Words that begin with a dash go behind --, as in: sessionctl set s1 note -- -v
      A negative number at the end needs none: sessionctl incr s1 stock -3

      Exit codes:
        0  done
        1  no such session or key; doctor: something is wrong
        2  the command line makes no sense
        3  no daemon could be reached
        4  the daemon refused or did not answer
      """,
    version: "0.1.0",
    subcommands: [
      Ping.self, Get.self, Peek.self, GetMany.self, SetKey.self, SetMany.self, Delete.self, Increment.self,
      Exists.self, TimeToLive.self, Expire.self, Touch.self, Info.self, Why.self, New.self, Rename.self,
      Revoke.self,
      Tag.self, Untag.self, Tagged.self, RevokeAll.self, Watch.self, List.self, Stats.self, Metrics.self,
      Top.self, Doctor.self, Dump.self, Load.self,
      Flush.self,
    ])

  /// So that the options may stand before the command as well as behind it.
  @OptionGroup var common: CommonOptions

  func run() async throws {
    throw CleanExit.helpRequest(self)
  }
}
