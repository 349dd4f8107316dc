import Testing

@testable import SessionStore

@Suite("Where a store is")
struct StoreLocationTests {
  private func failure(_ text: String) -> String? {
    do {
      _ = try StoreLocation(text)
      return nil
    } catch {
      return error.description
    }
  }

  private static func tcp(
    _ host: String, _ port: UInt16 = 6379, user: String? = nil, database: Int = 0, prefix: String = "sessiond"
  ) -> StoreLocation {
    .redis(
      RedisLocation(endpoint: .tcp(host: host, port: port), user: user, database: database, prefix: prefix))
  }

  private static func unix(_ path: String, database: Int = 0, prefix: String = "sessiond") -> StoreLocation {
    .redis(RedisLocation(endpoint: .unix(path: path), database: database, prefix: prefix))
  }

  @Test(
    "is understood, and named so that it is understood again",
    arguments: [
      ("none", StoreLocation.none, "none"),
      ("sqlite:/var/lib/sessiond/sessions.db", .sqlite(path: "/var/lib/sessiond/sessions.db"), nil),
      ("sqlite:/a b&c=d", .sqlite(path: "/a b&c=d"), nil),
      ("sqlite:///a/b.db", .sqlite(path: "/a/b.db"), "sqlite:/a/b.db"),
      ("unix:///run/redis.sock?db=1", unix("/run/redis.sock", database: 1), "unix:/run/redis.sock?db=1"),
      ("redis://localhost", tcp("localhost"), "redis://localhost:6379/0"),
      ("redis://localhost/", tcp("localhost"), "redis://localhost:6379/0"),
      ("redis://10.0.0.7:6380/15", tcp("10.0.0.7", 6380, database: 15), nil),
      ("redis://web@db.example.org:1/2", tcp("db.example.org", 1, user: "web", database: 2), nil),
      ("redis://[::1]", tcp("::1"), "redis://[::1]:6379/0"),
      ("redis://u@[fe80::1%eth0]:65535/65535", tcp("fe80::1%eth0", 65535, user: "u", database: 65535), nil),
      ("redis://h?prefix=shop.1_A-z", tcp("h", prefix: "shop.1_A-z"), "redis://h:6379/0?prefix=shop.1_A-z"),
      ("redis://h:7/3?prefix=p", tcp("h", 7, database: 3, prefix: "p"), nil),
      ("unix:/run/redis.sock", unix("/run/redis.sock"), nil),
      ("unix:/run/redis.sock?db=4&prefix=p", unix("/run/redis.sock", database: 4, prefix: "p"), nil),
      ("unix:/r?prefix=p&db=0", unix("/r", prefix: "p"), "unix:/r?prefix=p"),
    ] as [(String, StoreLocation, String?)])
  func good(text: String, location: StoreLocation, name: String?) throws {
    #expect(try StoreLocation(text) == location)
    #expect(location.description == name ?? text)
    #expect(try StoreLocation(location.description) == location)
  }

  @Test(
    "is refused with what would do",
    arguments: [
      ("", "a store is none, sqlite:PATH"), ("None", "a store is none"), ("/a/b.db", "a store is none"),
      ("redis:h", "a store is none"), ("http://h", "a store is none"), ("rediss://h", "rediss:// needs TLS"),
      ("sqlite:", "the path behind sqlite: begins with one /"),
      ("sqlite:sessions.db", "the path behind sqlite: begins with one /"),
      ("sqlite::memory:", "the path behind sqlite: begins with one /"),
      ("sqlite:/var/", "the path behind sqlite: names a file"),
      ("sqlite:/x.db?mode=ro", "behind the path of sqlite: stands nothing else"),
      ("sqlite:/a\u{0}b", "a store is named without control"),
      ("redis://", "redis:// wants the name"), ("redis://:6379", "redis:// wants the name"),
      ("redis://a b", "redis:// wants the name"), ("redis://h/../x", "the database is a number"),
      ("redis://h:", "the port is a number"), ("redis://h:0", "the port is a number"),
      ("redis://h:65536", "the port is a number"), ("redis://h:+1", "the port is a number"),
      ("redis://::1", "redis:// wants the name"), ("redis://[::1", "an IPv6 address stands in brackets"),
      ("redis://[::1]6379", "behind the brackets"), ("redis://h/x", "the database is a number"),
      ("redis://h/65536", "the database is a number"), ("redis://h/-1", "the database is a number"),
      ("redis://@h", "a user's name"), ("redis://a b@h", "a user's name"),
      ("redis://h?", "behind the question mark stand prefix=NAME and"),
      ("redis://h?db=1", "behind the question mark stand prefix=NAME and"),
      ("redis://h?password=x", "behind the question mark stand prefix=NAME and"),
      ("redis://h?prefix=", "the prefix has"), ("redis://h?prefix=a:b", "the prefix has"),
      ("redis://h?prefix=ä", "the prefix has"), ("redis://h?prefix", "the prefix has"),
      ("unix:r.sock", "the path behind unix: begins with one /"),
      ("unix://h/r", "the path behind unix: begins with one /"),
      ("unix:", "the path behind unix: begins with one /"),
      ("unix:/r?db=x", "the database is a number"),
      ("redis://h?prefix=a&prefix=b", "prefix stands behind the question mark once"),
      ("unix:/r?db=1&prefix=a&db=1", "db stands behind the question mark once"),
      ("unix:/r?db=1&", "behind the question mark stand db=N and"),
    ] as [(String, String?)])
  func bad(text: String, complaint: String?) {
    if let complaint {
      #expect(failure(text)?.hasPrefix(complaint) == true, "\(failure(text) ?? "taken")")
    } else {
      #expect(failure(text) == nil)
    }
  }

  @Test("has limits for its parts")
  func limits() {
    func long(_ count: Int) -> String { String(repeating: "a", count: count) }
    #expect(failure("sqlite:/\(long(479))") == nil)
    #expect(failure("sqlite:/\(long(480))")?.contains("at most 480 bytes") == true)
    #expect(failure("unix:/\(long(106))") == nil)
    #expect(failure("unix:/\(long(107))")?.contains("at most 107 bytes") == true)
    #expect(failure("redis://\(long(255))") == nil)
    #expect(failure("redis://\(long(256))") != nil)
    #expect(failure("redis://\(long(255))@h") == nil)
    #expect(failure("redis://\(long(256))@h") != nil)
    #expect(failure("redis://h?prefix=\(long(64))") == nil)
    #expect(failure("redis://h?prefix=\(long(65))") != nil)
  }

  @Test(
    "with a password in it is refused, and no complaint repeats it",
    arguments: [
      "redis://u:secret@h", "redis://:secret@h:6379/0", "redis://u:se@secret@h", "redis://u:/secret@h",
      "redis://u:secret@h?prefix=x", "redis://u:secret?x@h", "rediss://u:secret@h", "redis:secret@h",
      "redis://h?password=secret", "redis://h/secret", "secret", "unix:secret@/r", "unix:/r?password=secret",
      "unix://u:secret@/r",
      "unix://u:secret@h/r", "sqlite://u:secret@h/r", "sqlite:////u:secret@h/r",
    ])
  func passwords(text: String) {
    let complaint = failure(text)
    #expect(complaint != nil)
    #expect(complaint?.contains("secret") == false)
  }
}
