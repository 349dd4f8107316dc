/// Why a request line is refused: the code and the sentence of its `ERR` reply.
public struct RequestError: Error, Equatable, Sendable {
  public var code: ErrorCode
  /// One line of text, without the code.
  public var text: String

  public init(_ code: ErrorCode, _ text: String) {
    self.code = code
    self.text = text
  }

  static func syntax(_ text: String) -> RequestError { RequestError(.syntax, text) }
}
