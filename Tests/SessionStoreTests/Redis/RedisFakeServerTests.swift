import Glibc
import StoreSupport
import SystemCalls
import Testing

@testable import SessionStore

/// With something that is no server, and says what servers say in bad times.
struct RedisFakeServerTests {
  private let change = StoreChange.remove(Array("a".utf8), replacing: nil)

  /// What `apply` and `load` end with when the server answers their commands in a way.
  private func trouble(
    _ answer: @escaping @Sendable ([String]) -> FakeRedisServer.Answer
  ) throws -> (apply: StoreError?, load: StoreError?, isConnected: Bool) {
    let server = try FakeRedisServer { words in
      words[0] == "EVALSHA" || words[0] == "MGET" ? answer(words) : .usual
    }
    defer { server.stop() }
    let store = try server.store()
    defer { store.close() }
    _ = try store.open()
    var errors: [StoreError?] = []
    do throws(StoreError) {
      _ = try store.apply([change], sync: true)
      errors.append(nil)
    } catch { errors.append(error) }
    let isConnected = (try? store.check()) != nil
    do throws(StoreError) {
      _ = try store.records([Array("a".utf8)])
      errors.append(nil)
    } catch { errors.append(error) }
    return (errors[0], errors[1], isConnected)
  }

  @Test(
    "a server that refuses has done nothing",
    arguments: [
      ("LOADING Redis is loading the dataset in memory", false),
      ("READONLY You can't write against a read only replica.", false),
      ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", false),
      ("MOVED 1 127.0.0.1:7001", false),
      ("OOM command not allowed when used memory > 'maxmemory'.", true),
      (
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
        true
      ),
      ("NOREPLICAS Not enough good replicas to write.", true),
      ("BUSY Redis is busy running a script.", true),
      ("NOSCRIPT No matching script.", true),
      ("ERR Error running script (call to f_0): @user_script:1: -OOM command not allowed", true),
    ])
  func refusals(text: String, staysConnected: Bool) throws {
    let trouble = try trouble { _ in .say("-\(text)\r\n") }
    guard case .unavailable(let reason, true) = trouble.apply else {
      Issue.record("\(String(describing: trouble.apply))")
      return
    }
    #expect(reason.hasSuffix(text))
    #expect(trouble.isConnected == staysConnected)
    #expect(trouble.load != nil)
  }

  @Test(
    "after garbage, half an answer, or none, nobody knows what was done, and the connection is given up",
    arguments: [
      FakeRedisServer.Answer.silence, .last(""), .last(":"), .last("*1\r\n$5\r\nab"), .say("hello\r\n"),
      .say("$3\r\n"),
      .say("\0\0\0\0"), .say("*99999999999999\r\n"), .say("$-7\r\n"), .say(":1\r\n:2\r\n"), .say("+OK\r\n"),
      .say(":-5\r\n"),
      .say("*1\r\n:1\r\n"), .say("$2\r\nok\r\n"), .say("-ERR something else\r\n"),
      .say(":9007199254740992\r\n"),
    ])
  func garbage(answer: FakeRedisServer.Answer) throws {
    let trouble = try trouble { _ in answer }
    guard case .unavailable(_, false) = trouble.apply else {
      Issue.record("\(String(describing: trouble.apply))")
      return
    }
    #expect(!trouble.isConnected)
    #expect(trouble.load != nil)
  }

  @Test("an answer that comes too late is not taken for that of a later command")
  func lateAnswer() throws {
    let held = Guarded(true)
    let server = try FakeRedisServer { words in
      guard words[0] == "MGET" else { return .usual }
      if words[1].hasSuffix("slow") {
        // Until long after the timeout.
        for _ in 0..<6000 where held.withLock({ $0 }) { usleep(5000) }
        return .say("*1\r\n$4\r\nslow\r\n")
      }
      return .usual
    }
    defer { server.stop() }
    let store = try server.store()
    defer { store.close() }
    _ = try store.open()
    #expect(throws: StoreError.self) { try store.records([Array("slow".utf8)]) }
    #expect(throws: StoreError.self) { try store.records([Array("fast".utf8)]) }
    held.withLock { $0 = false }
    #expect(throws: StoreError.self) { try store.records([Array("fast".utf8)]) }
    _ = try store.open()
    #expect(try store.records([Array("fast".utf8)]) == [nil])
    #expect(store.statistics.damaged == 0)
  }

  @Test("what a server does late of that which was given up is not taken for a change of ours")
  func origins() throws {
    let origins = Guarded<[String]>([])
    let server = try FakeRedisServer { words in
      if words[0] == "EVALSHA" { origins.withLock { $0.append(words[6]) } }
      return .usual
    }
    defer { server.stop() }
    let store = try server.store()
    defer { store.close() }
    for _ in 0..<2 {
      _ = try store.open()
      for _ in 0..<2 { _ = try store.apply([change], sync: true) }
    }
    let seen = origins.withLock { $0 }
    #expect(seen[0] == seen[1] && seen[2] == seen[3] && seen[0] != seen[2])
    #expect(seen.allSatisfy { $0.utf8.count == 16 })
  }

  /// What becomes of two changes that are answered so, and whether the connection is still there.
  private func batch(_ answers: [String]) throws -> (
    outcomes: Result<[StoreOutcome], StoreError>, isConnected: Bool, name: String
  ) {
    let count = Guarded(0)
    let server = try FakeRedisServer { words in
      guard words[0] == "EVALSHA" else { return .usual }
      let index = count.withLock { count in
        defer { count += 1 }
        return count
      }
      return .say(answers[index])
    }
    defer { server.stop() }
    let store = try server.store()
    defer { store.close() }
    _ = try store.open()
    let changes = [change, change]
    let outcomes = Result { () throws(StoreError) in try store.apply(changes, sync: true) }
    return (outcomes, (try? store.check()) != nil, "\(store.location)")
  }

  @Test("of a batch each change is made, in conflict, or refused; where all are refused nothing was done")
  func partOfBatch() throws {
    for (answers, staysConnected) in [
      ([":-1\r\n", "-OOM full\r\n"], true), ([":1\r\n", "-OOM full\r\n"], true),
      (["-OOM full\r\n", ":0\r\n"], true), (["-OOM full\r\n", "-BUSY now\r\n"], true),
      ([":1\r\n", "-READONLY now\r\n"], false), (["-GONE now\r\n", "-GONE now\r\n"], false),
    ] {
      let (outcomes, isConnected, name) = try batch(answers)
      let expected = answers.map { answer -> StoreOutcome in
        switch answer {
        case ":-1\r\n": .conflict
        case ":0\r\n": .done(version: 0)
        case ":1\r\n": .done(version: 1)
        default: .refused("\(name): \(answer.dropFirst().dropLast())")
        }
      }
      #expect(isConnected == staysConnected, "\(answers)")
      if let reason = expected[0].refusal, expected[1].refusal != nil {
        #expect(outcomes == .failure(.unavailable(reason, isDecided: true)), "\(answers)")
      } else {
        #expect(outcomes == .success(expected), "\(answers)")
      }
    }
  }

  @Test("of a batch with an answer that says nothing certain nobody knows what was done")
  func doubtfulBatch() throws {
    for answers in [
      [":1\r\n", "-ERR something else\r\n"], ["-OOM full\r\n", "-ERR something else\r\n"],
      ["+OK\r\n", "-OOM full\r\n"], [":1\r\n", "-NOPERM you may not\r\n"],
    ] {
      let (outcomes, isConnected, _) = try batch(answers)
      guard case .failure(.unavailable(_, isDecided: false)) = outcomes else {
        Issue.record("\(answers): \(outcomes)")
        continue
      }
      #expect(!isConnected, "\(answers)")
    }
  }

  @Test("behind a refusal that ends the connection nothing more is sent, and all of it is refused")
  func refusedUnsent() throws {
    let count = Guarded(0)
    let server = try FakeRedisServer { words in
      guard words[0] == "EVALSHA" else { return .usual }
      let number = count.withLock { count in
        count += 1
        return count
      }
      return .say(number == 200 ? "-READONLY now\r\n" : ":1\r\n")
    }
    defer { server.stop() }
    let store = try server.store()
    defer { store.close() }
    _ = try store.open()
    let outcomes = try store.apply(Array(repeating: change, count: 1000), sync: true)
    #expect(outcomes.count == 1000)
    let sent = count.withLock { $0 }
    #expect(sent < 1000)
    #expect(outcomes[..<sent].count { $0 == .done(version: 1) } == sent - 1)
    #expect(outcomes[199].refusal?.hasSuffix("READONLY now") == true)
    #expect(outcomes[sent...].allSatisfy { $0.refusal != nil })
  }

  /// What `open` ends with when the server answers a command in a way.
  private func opening(
    _ name: String, _ text: String, credentials: StoreCredentials? = nil
  ) throws -> StoreError? {
    let server = try FakeRedisServer { words in
      words.prefix(2).joined(separator: " ").hasPrefix(name) ? .say(text) : .usual
    }
    defer { server.stop() }
    let store = try server.store(credentials: credentials)
    defer { store.close() }
    do throws(StoreError) {
      _ = try store.open()
      return nil
    } catch { return error }
  }

  @Test("at the opening a server says clearly why it will not do, or not yet")
  func openings() throws {
    func isUnfit(_ error: StoreError?) -> Bool { if case .unfit = error { true } else { false } }
    func isUnavailable(_ error: StoreError?) -> Bool { if case .unavailable = error { true } else { false } }
    let old = try opening(
      "CLIENT TRACKING", "-ERR Unknown subcommand or wrong number of arguments for 'TRACKING'\r\n")
    #expect(isUnfit(old) && old?.description.contains("too old") == true)
    #expect(isUnfit(try opening("CLIENT ID", "-NOAUTH Authentication required.\r\n")))
    #expect(isUnfit(try opening("INFO", "$19\r\ncluster_enabled:1\r\n\r\n")))
    #expect(isUnavailable(try opening("INFO", "$12\r\nrole:slave\r\n\r\n")))
    #expect(isUnavailable(try opening("INFO", "$11\r\nloading:1\r\n\r\n")))
    #expect(try opening("INFO", "-NOPERM this user has no permissions\r\n") == nil)
    #expect(isUnavailable(try opening("EVAL", "-LOADING Redis is loading the dataset in memory\r\n")))
    #expect(isUnavailable(try opening("EVAL", "-OOM full\r\n")))
    #expect(isUnfit(try opening("EVAL", "*3\r\n$1\r\n5\r\n$1\r\n0\r\n$1\r\n2\r\n")))
    #expect(isUnfit(try opening("EVAL", "*3\r\n$1\r\n5\r\n$16\r\n9007199254740000\r\n$1\r\n1\r\n")))
    #expect(isUnavailable(try opening("SUBSCRIBE", "-ERR max number of clients reached\r\n")))
    #expect(isUnavailable(try opening("CLIENT ID", "+hello\r\n")))
    #expect(isUnavailable(try opening("CLIENT ID", "HTTP/1.1 400 Bad Request\r\n")))
    #expect(isUnavailable(try opening("CLIENT ID", "")))
  }

  @Test(
    "a server that does not know AUTH, and says with what it was called, does not bring the password into the log"
  )
  func passwordInError() throws {
    let text = "-ERR unknown command `AUTH`, with args beginning with: `cache`, `s3cret`, \r\n"
    let credentials = StoreCredentials(user: "cache", password: "s3cret")
    let error = try #require(try opening("AUTH", text, credentials: credentials))
    #expect(!error.description.contains("s3cret"))
  }

  @Test("a channel that says what was not subscribed to is lost")
  func channelGarbage() throws {
    let server = try FakeRedisServer { words in
      words == ["SUBSCRIBE", "sessiond:changes"]
        ? .say("*3\r\n$9\r\nsubscribe\r\n$16\r\nsessiond:changes\r\n:2\r\n")
        : words == ["PING"] ? .say("+WHAT\r\n") : .usual
    }
    defer { server.stop() }
    let ear = Ear()
    let store = try server.store(ear)
    defer { store.close() }
    _ = try store.open()
    try eventually("the loss is told") { !ear.lost.isEmpty }
    #expect(throws: StoreError.self) { try store.check() }
  }
}
