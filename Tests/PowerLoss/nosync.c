// Preloaded into a program, it takes syncing away from it: the control of the trials with a power cut, which must find
// what is lost then.
int fsync(int descriptor) { return (void)descriptor, 0; }
int fdatasync(int descriptor) { return (void)descriptor, 0; }
int sync_file_range(int descriptor, long long offset, long long count, unsigned flags) {
  return (void)descriptor, (void)offset, (void)count, (void)flags, 0;
}
