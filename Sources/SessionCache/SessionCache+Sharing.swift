import SessionSegment
public import SystemCalls

/// What other processes may have of the cache.
extension SessionCache {
  /// The segment's file, opened for reading only.
  public var readOnlyDescriptor: SharedDescriptor { segment.readOnlyDescriptor }

  /// The size of the segment in bytes.
  public var segmentBytes: Int { mapping.size }
}
