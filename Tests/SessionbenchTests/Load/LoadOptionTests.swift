import ArgumentParser
import Testing

@testable import sessionbench

@Suite("The options of sessionbench load and memory")
struct LoadOptionTests {
  private struct Refusal {
    let text: String
    let code: ExitCode
  }

  private func refusal(_ options: [String]) -> Refusal? {
    do {
      _ = try LoadCommand.parse(["--socket", "/nowhere"] + options)
      return nil
    } catch {
      return Refusal(text: LoadCommand.message(for: error), code: LoadCommand.exitCode(for: error))
    }
  }

  @Test(
    "out of range end with 64 and say what they take",
    arguments: [
      (["--connections", "0"], "--connections takes 1 to 10000, and not 0"),
      (["--connections", "10001"], "--connections takes 1 to 10000, and not 10001"),
      (["--in-flight", "1025"], "--in-flight takes 1 to 1024, and not 1025"),
      (["--threads", "65"], "--threads takes 1 to 64, and not 65"),
      (["--sessions", "0"], "--sessions takes 1 to 1073741824, and not 0"),
      (["--first=-1"], "--first takes 0 to 1073741824, and not -1"),
      (["--value-bytes", "15"], "--value-bytes takes 16 to 65536, and not 15"),
      (["--value-bytes", "256,65537"], "--value-bytes takes 16 to 65536, and not 65537"),
      (["--reads", "101"], "--reads takes 0 to 100, and not 101"),
      (["--rate=-1"], "--rate takes 0 to 10000000, and not -1"),
      (["--seconds", "0"], "--seconds takes more than 0 and at most 3600, and not 0.0"),
      (["--seconds", "nan"], "--seconds takes more than 0 and at most 3600, and not nan"),
      (["--warm-up=-0.1"], "--warm-up takes 0 to 3600, and not -0.1"),
      (["--exponent", "0"], "--exponent takes more than 0 and at most 10, and not 0.0"),
      (["--pid", "0"], "--pid takes 1 to 2147483647, and not 0"),
      (["--poll", "10001"], "--poll takes 0 to 10000, and not 10001"),
      (["--poll=-1"], "--poll takes 0 to 10000, and not -1"),
      (
        ["--client", "library", "--connections", "1", "--poll", "1001"],
        "--poll takes 0 to 1000, and not 1001"
      ),
    ])
  func ranges(_ options: [String], _ text: String) throws {
    let complaint = try #require(refusal(options))
    #expect(complaint.code.rawValue == 64)
    #expect(complaint.text == text)
  }

  @Test(
    "that do not go together end with 64 and say why",
    arguments: [
      (["--connections", "2", "--threads", "3"], "--threads 3 are more than --connections 2"),
      (
        ["--rate", "1", "--threads", "2"],
        "--rate 1 is less than one request a second for each thread"
      ),
      (["--poll", "50"], "--poll wants --connections 1, --in-flight 1 and no --rate"),
      (
        ["--poll", "0", "--client", "library"],
        "--client library wants --connections 1, --in-flight 1 and no --rate"
      ),
      (
        ["--client", "library"],
        "--client library wants --connections 1, --in-flight 1 and no --rate"
      ),
      (
        ["--client", "mapped", "--connections", "1", "--reads", "50"],
        "--client mapped only reads: --reads 100"
      ),
      (
        ["--client", "library", "--connections", "1", "--server", "redis"],
        "--client library is sessiond's own, and no client of redis"
      ),
    ])
  func conflicts(_ options: [String], _ text: String) throws {
    let complaint = try #require(refusal(options))
    #expect(complaint.code.rawValue == 64)
    #expect(complaint.text == text)
  }

  @Test(
    "that are no such word or number end with 64 and name the option",
    arguments: ["--server", "--client", "--keys", "--value-bytes", "--reads", "--rate", "--seconds"])
  func words(_ option: String) throws {
    for value in ["banana", "16,,32", ""] {
      let complaint = try #require(refusal(["\(option)=\(value)"]))
      #expect(complaint.code.rawValue == 64)
      #expect(complaint.text.contains(option))
    }
  }

  @Test("that are good are taken")
  func good() throws {
    #expect(refusal([]) == nil)
    #expect(refusal(["--value-bytes", "16,65536", "--keys", "zipf"]) == nil)
    #expect(refusal(["--rate", "20000", "--threads", "2"]) == nil)
    #expect(refusal(["--connections", "1", "--poll", "50", "--server", "redis-hash"]) == nil)
    #expect(refusal(["--connections", "1", "--client", "mapped"]) == nil)
    #expect(refusal(["--poll", "0"]) == nil)
    for client in ["library", "mapped"] {
      for poll in ["0", "1000"] {
        #expect(refusal(["--connections", "1", "--client", client, "--poll", poll]) == nil)
      }
    }
  }

  @Test("leave polling to the client where nobody says anything about it")
  func polling() {
    #expect(LoadSettings().pollMicroseconds == 0)
    #expect(LoadSettings(client: .library).pollMicroseconds == 50)
    #expect(LoadSettings(client: .mapped).pollMicroseconds == 50)
    #expect(LoadSettings(client: .library, poll: 0).pollMicroseconds == 0)
    #expect(LoadSettings(poll: 20).pollMicroseconds == 20)
  }

  @Test(
    "of memory say what they take, too",
    arguments: [
      (["--sessions", "999"], "--sessions takes 1000 to 100000000, and not 999"),
      (["--payload", "1"], "--payload takes 83 to 65536, and not 1"),
      (["--pid", "0"], "--pid takes the number of a process, and not 0"),
    ])
  func memory(_ options: [String], _ text: String) {
    let pid = options.first == "--pid" ? [] : ["--pid", "1"]
    do {
      _ = try MemoryCommand.parse(["--socket", "/nowhere"] + pid + options)
      Issue.record("\(options) were taken")
    } catch {
      #expect(MemoryCommand.exitCode(for: error).rawValue == 64)
      #expect(MemoryCommand.message(for: error) == text)
    }
  }
}
