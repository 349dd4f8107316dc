import SessionWire
import Testing

@Suite("The role that a command wants")
struct CommandRoleTests {
  @Test("is reader for what changes nothing, app for what changes a session, admin for what needs no id")
  func commands() {
    func names(_ role: Role) -> String {
      Command.allCases.filter { $0.role == role }.map(\.name).joined(separator: " ")
    }
    #expect(
      names(.reader)
        == "HELLO PING HELP QUIT GET PEEK MGET EXISTS TTL INFO TAGGED WATCH UNWATCH WHY DUMP STATS METRICS MAP READS"
    )
    #expect(
      names(.app) == "SET MSET DEL INCR EXPIRE TOUCH NEW RENAME REVOKE REVOKEALL TAG UNTAG")
    #expect(names(.admin) == "RESTORE LIST FLUSH")
  }

  @Test("is admin for the one request that wants more than its command does")
  func requests() {
    #expect(Request.watchAll(since: nil).needsAdmin)
    #expect(!Request.watch(since: 5).needsAdmin)
    #expect(!Request.unwatch.needsAdmin)
  }

  @Test("is one of three, each of which may do what the ones before it may")
  func order() {
    #expect(Role.allCases.sorted().map(\.name) == ["reader", "app", "admin"])
  }
}
