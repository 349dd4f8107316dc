import Glibc
import TestSupport
import Testing

// Needs strace, which makes system calls of the running daemon fail, and a system that lets it trace.
@Suite(
  "System calls on the database that fail are told to those whom they concern",
  .enabled(if: Tracing.isPossible, "needs strace(1), and a system that lets it trace"))
struct StoreInjectedErrorTests {
  struct Fault: CustomTestStringConvertible {
    let store: TestedStore
    let call: String
    let error: String
    /// Whether all calls from then on fail, and not only one.
    let isLasting: Bool

    /// Which call fails first, by strace's count, which goes by threads. The one that opens the database makes fewer;
    /// the one that saves makes some forty writes and one sync in each round of write-behind, and a sync for each
    /// commit of write-through.
    private var first: Int { call == "fdatasync" && !store.isThrough ? 6 : 30 }

    var rule: String { "\(call):error=\(error):when=\(first)\(isLasting ? "+" : "")" }
    var testDescription: String { "\(store.testDescription): \(rule)" }

    static var all: [Fault] {
      [TestedStore.sqliteBehind, .sqliteThrough].flatMap { store in
        [("pwrite64", "EIO"), ("pwrite64", "ENOSPC"), ("fdatasync", "EIO")].flatMap { call, error in
          [false, true].map { Fault(store: store, call: call, error: error, isLasting: $0) }
        }
      }
    }
  }

  /// strace(1), which makes calls fail and writes them down.
  private func wrapper(_ call: String, _ rule: String, output: String) -> [String] {
    Tracing.command + ["-I", "2", "-qqq", "-o", output, "-e", "trace=\(call)", "-e", "inject=\(rule)"]
  }

  @Test(
    "once, or again and again: no acknowledged write is lost, none is acknowledged falsely, and it heals",
    arguments: Fault.all)
  func faults(fault: Fault) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    try TemporaryDirectory.with { directory in
      let trial = try StoreTrial(fault.store, in: directory, seed: seed)
      defer { trial.end() }
      do {
        try trial.round(.killed)
        let output = directory.file("strace.out")
        let disturbance = try trial.disturb(
          by: wrapper(fault.call, fault.rule, output: output), output: output)
        #expect(disturbance.failures > 0)
        // Who waited for the commit is told that it failed.
        if fault.store.isThrough { #expect(disturbance.refused > 0, "seed \(seed)") }
        // Nothing is said twice of a failure. Those that are counted for the thread that saves let the one that opens
        // succeed, so that the daemon may believe several times that all is well again.
        let injected = try Files.text(output).split(separator: "\n").count { $0.contains("(INJECTED)") }
        #expect(
          (1...injected).contains(disturbance.wentAway) && disturbance.cameBack >= disturbance.wentAway,
          "\(disturbance), \(injected) injected, seed \(seed)")
      } catch {
        throw Failure("seed \(seed): \(error)\n\(trial.daemon.standardError)")
      }
    }
  }

  @Test("a directory that can't be synced ends the start with one line, and the next start goes well")
  func directorySync() throws {
    try TemporaryDirectory.with { directory in
      let state = directory.file("state")
      try check(mkdir(state, 0o700), "mkdir")
      let output = directory.file("strace.out")
      var options = DaemonOptions(arguments: TestedStore.sqliteThrough.arguments(at: state))
      options.wrapper = wrapper("fsync", "fsync:error=EIO", output: output)
      let daemon = try DaemonProcess(launching: directory, options)
      defer { daemon.kill() }
      let status = try daemon.waitForExit()
      #expect(status == .exited(1) || status == .exited(78), "\(status)")
      #expect(try Files.text(output).contains("(INJECTED)"))
      #expect(daemon.warnings.count == 1 && daemon.standardError.contains("sessions.db"))
      options.wrapper = []
      try daemon.restart(options)
      _ = try daemon.ask("SET s1 a 1").version
    }
  }
}
