import Testing

@testable import SessionctlKit

@Suite("The dashboard")
struct DashboardTests {
  /// One that has seen so many reports.
  private func dashboard(_ count: Int = 3, store: String? = nil) throws -> Dashboard {
    var planted = Planted()
    planted.store = store
    planted.busiest = #"[{"session":"busy one","count":1}]"#
    var dashboard = Dashboard(try planted.report(), interval: 1)
    for step in 1..<count {
      planted.uptime += 1
      planted.hits += 100 * step
      planted.commands["GET"]?.0 += 100 * step
      planted.busiest = #"[{"session":"busy one","count":\#(1 + 10 * step)}]"#
      dashboard.take(try planted.report())
    }
    return dashboard
  }

  private func text(_ dashboard: Dashboard, columns: Int = 100, rows: Int? = nil) -> [String] {
    dashboard.lines(columns: columns, rows: rows, note: "q quits").map { $0.text(.plain, columns: columns) }
  }

  @Test("shows rates, what they were before, the commands and the busiest sessions")
  func whole() throws {
    let lines = text(try dashboard(store: Planted.store(unsaved: 12)))
    #expect(lines[0].hasPrefix("sessiond 1.2.3  process 7, up 1m 42s"))
    #expect(lines[0].hasSuffix("q quits"))
    #expect(DisplayWidth.columns(lines[0]) == 100)
    let all = lines.joined(separator: "\n")
    for part in [
      "requests   200/s, 0/s answered ERR", "▅█", "200/s over the socket, 0/s mapped", "100.0 % now",
      "1,000, 0/s expired", "64.0 MiB of 256.0 MiB", "3 open", "sqlite ok, behind, 12 of 100,000 unsaved",
      "GET", "5,400", "busiest sessions", "busy one",
    ] {
      #expect(all.contains(part), "\(part)\n\(all)")
    }
  }

  @Test("fits every terminal", arguments: [(80, 24), (40, 10), (200, 60), (1, 1), (20, 3)])
  func fits(columns: Int, rows: Int) throws {
    let lines = text(try dashboard(store: Planted.store()), columns: columns, rows: rows)
    #expect(lines.count <= rows)
    for line in lines { #expect(DisplayWidth.columns(line) <= columns, "\(line)") }
  }

  @Test("has no rates before the second report, and says so by dashes")
  func young() throws {
    let dashboard = try dashboard(1)
    #expect(dashboard.json == nil)
    #expect(text(dashboard).contains { $0.hasPrefix("requests   -, ") })
  }

  @Test("keeps what is known when the daemon does not answer, and says why")
  func silent() throws {
    var dashboard = try dashboard()
    dashboard.fail("nobody there")
    #expect(text(dashboard)[1...2] == ["not answered, asking again", "nobody there"])
    #expect(text(dashboard).contains { $0.hasPrefix("sessions   1,000") })
    #expect(dashboard.json == nil)
  }

  @Test("cuts a long reason at its end, and nothing before it")
  func longReason() throws {
    var dashboard = try dashboard()
    dashboard.fail("No session daemon" + String(repeating: " at all", count: 20))
    let lines = text(dashboard, columns: 80)
    #expect(lines[1] == "not answered, asking again")
    #expect(lines[2].hasPrefix("No session daemon at all") && lines[2].hasSuffix("…"))
    #expect(DisplayWidth.columns(lines[2]) == 80)
  }

  @Test("has no blanks at the end of a first line without a note")
  func noNote() throws {
    let first = try #require(try dashboard().lines(columns: 100, rows: nil).first)
    #expect(first.text(.plain) == "sessiond 1.2.3  process 7, up 1m 42s")
  }

  @Test("takes no rates of two answers that came close together, behind a stall")
  func stalled() throws {
    var planted = Planted()
    var dashboard = Dashboard(try planted.report(), interval: 1)
    planted.uptime += 4
    planted.commands["GET"]?.0 += 400
    dashboard.take(try planted.report())
    #expect(dashboard.rates?.requests == 100)
    planted.uptime += 0.01
    planted.commands["GET"]?.0 += 10
    dashboard.take(try planted.report())
    #expect(dashboard.rates?.requests == 100)
    #expect(dashboard.requests.numbers.count == 1)
    // Nothing that was asked for meanwhile is lost.
    planted.uptime += 0.99
    planted.commands["GET"]?.0 += 40
    dashboard.take(try planted.report())
    #expect(dashboard.rates?.requests.rounded() == 50)
    #expect(dashboard.requests.numbers.count == 2)
  }

  @Test("goes on with another daemon, without rates across the two")
  func restarted() throws {
    var dashboard = try dashboard()
    var other = Planted()
    other.pid = 8
    other.uptime = 1
    dashboard.take(try other.report())
    #expect(dashboard.json == nil)
    other.uptime = 2
    dashboard.take(try other.report())
    #expect(dashboard.json != nil)
  }

  @Test("remembers as much as the widest terminal shows")
  func bounded() {
    var history = History()
    for number in 0..<2000 { history.add(Double(number)) }
    #expect(history.numbers.count == History.most)
    #expect(history.numbers.last == 1999)
  }
}
