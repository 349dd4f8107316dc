/// A session as a client can see it without changing it: all but its times.
struct SessionSnapshot: Equatable {
  let content: String
  /// INFO's answer without `ttl` and `created`.
  let description: String

  init(of session: String, on connection: RawConnection) throws {
    content = try connection.request("PEEK \(session)")
    let info = try connection.request("INFO \(session)")
    description = info.replacing(/"(ttl|created)":[0-9.]+,/, with: "")
  }
}
