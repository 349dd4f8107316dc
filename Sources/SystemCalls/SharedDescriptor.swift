/// A descriptor that several owners hold; it closes with the last reference.
public final class SharedDescriptor: Sendable {
  private let descriptor: Descriptor

  public init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  public var number: Int32 { descriptor.number }
}
