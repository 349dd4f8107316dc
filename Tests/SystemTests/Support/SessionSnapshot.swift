/// A session as a client can see it without changing it: all but the time that is left.
struct SessionSnapshot: Equatable {
  let content: String
  /// INFO's answer without its `ttl`.
  let description: String

  init(of session: String, on connection: RawConnection) throws {
    content = try connection.request("PEEK \(session)")
    let info = try connection.request("INFO \(session)")
    description = info.replacing(/"ttl":[0-9.]+,/, with: "")
  }
}
