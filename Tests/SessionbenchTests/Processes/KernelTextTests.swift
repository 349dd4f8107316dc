import Testing

@testable import sessionbench

@Suite("What the kernel tells of a process")
struct KernelTextTests {
  @Test("has a thread's time in nanoseconds first")
  func schedule() {
    #expect(ProcessorTime.nanoseconds(ofSchedule: "111045 2597057 2\n") == 111_045)
    #expect(ProcessorTime.nanoseconds(ofSchedule: "9223372036854775807 0 1\n") == .max)
  }

  @Test("is not believed where it does not count", arguments: ["", "\n", "0 0 0\n", "x 1 2\n", "-1 0 0\n"])
  func uncounted(text: String) { #expect(ProcessorTime.nanoseconds(ofSchedule: text) == nil) }

  @Test("has anonymous memory by pages")
  func memory() {
    let rollup = """
      56267b28d000-7ffc84937000 ---p 00000000 00:00 0                          [rollup]
      Rss:                1792 kB
      Pss_Anon:            112 kB
      Anonymous:          1364 kB
      AnonHugePages:         0 kB

      """
    #expect(ProcessMemory.bytes("Anonymous", in: rollup) == 1364 * 1024)
    #expect(ProcessMemory.bytes("Anonymous", in: "Rss: 1792 kB\n") == nil)
    #expect(ProcessMemory.bytes("Anonymous", in: "Anonymous: many kB\n") == nil)
    #expect(ProcessMemory.bytes("Anonymous", in: "") == nil)
  }

  @Test("has what is in memory, and what of it is shared")
  func status() {
    let text = "Name:\tx VmRSS: 1 kB\nVmRSS:\t   12345 kB\nRssAnon:\t    1 kB\nRssShmem:\t       0 kB\n"
    #expect(ProcessMemory.bytes("VmRSS", in: text) == 12_345 * 1024)
    #expect(ProcessMemory.bytes("RssShmem", in: text) == 0)
    #expect(ProcessMemory.bytes("VmSwap", in: text) == nil)
    #expect(ProcessMemory.bytes("VmRSS", in: "VmRSS:\tmuch kB") == nil)
  }
}
