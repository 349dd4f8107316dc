import Glibc

/// Sends copies of descriptors along with one byte (SCM_RIGHTS, unix(7)).
///
/// Returns false when the kernel refuses because the receiver takes none.
func sendDescriptors(_ descriptors: [Int32], byte: UInt8, over socket: Int32) throws -> Bool {
  // struct cmsghdr: the length with this header as a size_t, the level and the type as ints.
  let headerSize = MemoryLayout<Int>.size + 2 * MemoryLayout<Int32>.size
  let length = headerSize + descriptors.count * MemoryLayout<Int32>.size
  let control = UnsafeMutableRawBufferPointer.allocate(byteCount: (length + 7) & ~7, alignment: 8)
  defer { control.deallocate() }
  control.storeBytes(of: length, as: Int.self)
  control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: Int32.self)
  let rights: Int32 = 1  // SCM_RIGHTS
  control.storeBytes(of: rights, toByteOffset: 12, as: Int32.self)
  for (index, descriptor) in descriptors.enumerated() {
    control.storeBytes(of: descriptor, toByteOffset: headerSize + 4 * index, as: Int32.self)
  }
  var payload = byte
  return try withUnsafeMutableBytes(of: &payload) { payload in
    var piece = iovec(iov_base: payload.baseAddress, iov_len: 1)
    return try withUnsafeMutablePointer(to: &piece) { piece in
      var message = msghdr()
      message.msg_iov = piece
      message.msg_iovlen = 1
      message.msg_control = control.baseAddress
      message.msg_controllen = length
      let sent = sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
      if sent < 0 && errno == EPERM { return false }
      try check(sent, "sendmsg")
      return true
    }
  }
}
