import Glibc
import Testing

@Suite("Expiry follows the time since boot, not the wall clock")
struct ClockTests {
  /// Steps the wall clock for one process: a library that is loaded before the C library and adds what a
  /// file says to CLOCK_REALTIME.
  private static let steppingClock = """
    #define _GNU_SOURCE
    #include <stdlib.h>
    #include <fcntl.h>
    #include <time.h>
    #include <sys/time.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    static long step(void) {
      char text[32] = {0};
      const char *path = getenv("CLOCK_STEP_FILE");
      int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
      if (file < 0) return 0;
      long count = read(file, text, sizeof text - 1);
      close(file);
      return count > 0 ? atol(text) : 0;
    }
    int clock_gettime(clockid_t clock, struct timespec *now) {
      long code = syscall(SYS_clock_gettime, clock, now);
      if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += step();
      return code;
    }
    int gettimeofday(struct timeval *now, void *zone) {
      struct timespec exact;
      clock_gettime(CLOCK_REALTIME, &exact);
      now->tv_sec = exact.tv_sec;
      now->tv_usec = exact.tv_nsec / 1000;
      return 0;
    }
    time_t time(time_t *result) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (result) *result = now.tv_sec;
      return now.tv_sec;
    }
    """

  private static let compiler = ["cc", "gcc", "clang"].first { Programs.tool($0) != nil }

  // Needs a C compiler, for the library that moves the wall clock under the daemon.
  @Test(
    "the wall clock steps by an hour, to 1970 and past 2038: no session ends, none lives on",
    .enabled(if: compiler != nil))
  func wallClockSteps() throws {
    try TemporaryDirectory.with { directory in
      let library = directory.file("clock.so")
      try Files.write(Self.steppingClock, to: directory.file("clock.c"))
      try Files.write("0", to: directory.file("step"))
      let compiled = try run(Self.compiler!, ["-shared", "-fPIC", "-o", library, directory.file("clock.c")])
      try #require(compiled.status == .exited(0), "\(compiled.standardError)")

      var options = DaemonOptions(prelude: "export LD_PRELOAD=\(library)")
      options.environment["CLOCK_STEP_FILE"] = directory.file("step")
      let daemon = try DaemonProcess.start(in: directory, options)
      defer { daemon.kill() }
      let connection = try daemon.connect()
      let now = Double(time(nil))
      _ = try connection.request("SET long a TTL 1000 1").version
      for step in [3600, -3600, -Int(now), 4_000_000_000, -4_000_000_000, 0] {
        try Files.write("\(step)", to: directory.file("step"))
        let name = "step\(step)"
        _ = try connection.request("SET \(name) a TTL 1000 1").version
        // The clock that the daemon sees has stepped: a new session's date of birth says so.
        let created = try connection.request("INFO \(name)").number("created")
        #expect(abs(created - (now + Double(step))) < 300, "step \(step): \(created)")
        for session in ["long", name] {
          let left = try connection.request("TTL \(session)").okNumber
          #expect((700...1000).contains(left), "\(session) after step \(step): \(left)")
          #expect(try connection.request("GET \(session) a") == "OK 1")
        }
        _ = try connection.request("SET short a TTL 0.05 1").version
        try eventually("a short session ends, step \(step)") {
          try connection.request("EXISTS short") == "OK false"
        }
      }
    }
  }

  /// Whether a process can be given another time since boot (time_namespaces(7)).
  private static let canShiftBootTime: Bool = {
    guard Programs.isRoot, Programs.has("unshare") else { return false }
    return (try? run("unshare", ["--time", "--boottime", "1000", "/bin/true"]))?.status == .exited(0)
  }()

  // Needs root and a kernel with time namespaces.
  @Test(
    "a machine that has been up for a century, or for a second: sessions live and end as ever",
    .enabled(if: canShiftBootTime), arguments: [3_155_760_000, 1_000_000_000])
  func timeSinceBoot(seconds: Int) throws {
    // The namespace holds for the child of the process that makes it.
    let wrapper = [Programs.tool("unshare")!, "--fork", "--kill-child", "--time", "--boottime", "\(seconds)"]
    try withDaemon(DaemonOptions(wrapper: wrapper)) { daemon in
      let connection = try daemon.connect()
      _ = try connection.request("SET long a TTL 315360000 1").version
      _ = try connection.request("SET short a TTL 0.05 1").version
      try eventually("the short one ends") { try connection.request("EXISTS short") == "OK false" }
      #expect(try connection.request("TTL long").okNumber > 315_350_000)
      #expect(try connection.request("GET long a") == "OK 1")
    }
  }
}
