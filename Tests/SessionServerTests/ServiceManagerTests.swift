import Glibc
import Logging
import SystemCalls
import Testing

@testable import SessionServer

extension ProcessWide {
  /// Each in a process of its own, since what systemd tells stands in the environment.
  @Suite("The service manager")
  struct ServiceManagerTests {
    @Test("is a quiet no-op where systemd did not start the process")
    func absent() async {
      await #expect(processExitsWith: .success) {
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID"] {
          unsetenv(name)
        }
        let manager = ServiceManager()
        #expect(!manager.isPresent)
        #expect(manager.watchdogInterval == nil)
        manager.notify("READY=1")
        manager.notifyReloading()
        let socket = try ServiceManager.listeningSocket()
        #expect(socket == nil)
      }
    }

    @Test("hears of states, and of a reload with its moment")
    func notifications() async {
      await #expect(processExitsWith: .success) {
        try TemporaryDirectory.with { directory in
          let inbox = try NotifyInbox(path: directory.file("notify"))
          setenv("NOTIFY_SOCKET", directory.file("notify"), 1)
          let manager = ServiceManager()
          #expect(manager.isPresent)
          manager.notify("READY=1\nSTATUS=3 sessions")
          #expect(try inbox.next() == "READY=1\nSTATUS=3 sessions")
          manager.notifyReloading()
          let reloading = try inbox.next()
          #expect(reloading.hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
          #expect(Int64(reloading.split(separator: "=").last ?? "") ?? 0 > 0)
        }
      }
    }

    @Test("that does not listen is no reason to fail")
    func deaf() async {
      await #expect(processExitsWith: .success) {
        setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
        ServiceManager().notify("READY=1")
        setenv("NOTIFY_SOCKET", "no path", 1)
        ServiceManager().notify("READY=1")
      }
    }

    @Test("is told a status on one line, and not too long")
    func status() {
      #expect(ServiceManager.statusText("a\rREADY=1\nb\u{1B}c") == "a READY=1 b c")
      #expect(ServiceManager.statusText(String(repeating: "𝄞", count: 2000)).utf8.count < 4000)
    }

    @Test("is told of life three times as often as it wants, if it means this process")
    func watchdog() async {
      await #expect(processExitsWith: .success) {
        setenv("WATCHDOG_USEC", "15000000", 1)
        unsetenv("WATCHDOG_PID")
        #expect(ServiceManager().watchdogInterval == 5_000_000_000)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(ServiceManager().watchdogInterval == 5_000_000_000)
        setenv("WATCHDOG_PID", "\(getpid() + 1)", 1)
        #expect(ServiceManager().watchdogInterval == nil)
        unsetenv("WATCHDOG_PID")
        setenv("WATCHDOG_USEC", "soon", 1)
        #expect(ServiceManager().watchdogInterval == nil)
      }
    }

    @Test("is not told of life any more once a thread is stuck")
    func stuck() async {
      await #expect(processExitsWith: .success) {
        try TemporaryDirectory.with { directory in
          let inbox = try NotifyInbox(path: directory.file("notify"))
          setenv("NOTIFY_SOCKET", directory.file("notify"), 1)
          setenv("WATCHDOG_USEC", "100000", 1)
          unsetenv("WATCHDOG_PID")
          let listener = try ListenSocket.bind(path: directory.file("s"), mode: 0o600, group: nil)
          let (log, progress) = (RecordedLog(), Progress(name: "worker"))
          var questions = 0
          let supervisor = try Supervisor(
            listener: listener.number, signals: try SignalReader([SIGTERM]), calls: .system,
            ledger: ConnectionLedger(most: 1, mostPerUser: 1), reactors: [], watched: [progress],
            wakeReclaimer: {
              questions += 1
              // It answers twice, then never again.
              if questions <= 2 { progress.answer() }
            }, manager: ServiceManager(), clock: .system, logger: log.logger,
            actions: .init(
              reload: {},
              status: {
                if log.messages(.critical).count == 2 { raise(SIGTERM) }
                return "status"
              }))
          try supervisor.run()
          listener.close()
          #expect(try inbox.all() == ["STATUS=status", "WATCHDOG=1", "WATCHDOG=1"])
          #expect(log.messages(.critical).allSatisfy { $0.hasPrefix("stuck: worker") })
        }
      }
    }

    @Test("that hands over what can't be used gets an error, and other processes' sockets are left alone")
    func badActivation() async {
      await #expect(processExitsWith: .success) {
        setenv("LISTEN_PID", "\(getpid())", 1)
        // Whatever descriptor 3 is here, nobody listens on it.
        setenv("LISTEN_FDS", "1", 1)
        #expect(throws: ServiceManager.ActivationError.self) { try ServiceManager.listeningSocket() }
        #expect(getenv("LISTEN_FDS") == nil, "children do not see it")
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "garbage", 1)
        #expect(throws: ServiceManager.ActivationError.self) { try ServiceManager.listeningSocket() }
        setenv("LISTEN_PID", "\(getpid() + 1)", 1)
        setenv("LISTEN_FDS", "1", 1)
        let socket = try ServiceManager.listeningSocket()
        #expect(socket == nil)
        setenv("LISTEN_PID", "\(getpid())", 1)
        setenv("LISTEN_FDS", "0", 1)
        setenv("LISTEN_FDNAMES", "", 1)
        let none = try ServiceManager.listeningSocket()
        #expect(none == nil)
        #expect(getenv("LISTEN_FDS") == nil && getenv("LISTEN_FDNAMES") == nil, "nor do they then")
      }
    }
  }
}
