#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

int linux_accept(int listener) {
  return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

const uint32_t linux_epoll_in = EPOLLIN;
const uint32_t linux_epoll_out = EPOLLOUT;
const uint32_t linux_epoll_hup = EPOLLHUP;
const uint32_t linux_epoll_err = EPOLLERR;

int linux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token) {
  struct epoll_event event = {.events = events, .data.u64 = token};
  return epoll_ctl(epoll, operation, descriptor, &event);
}

int linux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int linux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int linux_epoll_wait(int epoll, struct linux_event *events, int capacity, int timeout_ms) {
  struct epoll_event ready[64];
  // Neither this nor the two that follow by way of the C library's functions: each of those makes its thread one that
  // can be cancelled and back, by two atomic changes.
  long count =
      syscall(SYS_epoll_pwait, epoll, ready, capacity < 64 ? capacity : 64, timeout_ms, NULL, (size_t)8);
  for (long i = 0; i < count; i++) {
    events[i].events = ready[i].events;
    events[i].token = ready[i].data.u64;
  }
  return (int)count;
}

ptrdiff_t linux_receive(int socket, void *bytes, size_t count) {
  return syscall(SYS_recvfrom, socket, bytes, count, 0, NULL, NULL);
}

ptrdiff_t linux_send(int socket, const void *bytes, size_t count) {
  return syscall(SYS_sendto, socket, bytes, count, MSG_NOSIGNAL, NULL, (size_t)0);
}

int linux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int linux_timerfd(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC); }

static struct timespec timespec_of(int64_t ns) {
  struct timespec value = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  return value;
}

int linux_timerfd_set(int timer, int64_t first_ns, int64_t interval_ns) {
  struct itimerspec setting = {
      .it_value = timespec_of(first_ns), .it_interval = timespec_of(interval_ns)};
  return timerfd_settime(timer, 0, &setting, NULL);
}

static sigset_t set_of(const int *signals, int count) {
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
  return set;
}

int linux_signalfd(const int *signals, int count) {
  sigset_t set = set_of(signals, count);
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int linux_signalfd_read(int descriptor) {
  struct signalfd_siginfo info;
  ssize_t size = read(descriptor, &info, sizeof info);
  return size == (ssize_t)sizeof info ? (int)info.ssi_signo : -1;
}

int linux_block_signals(const int *signals, int count) {
  sigset_t set = set_of(signals, count);
  return pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int linux_peer_credentials(int socket, struct linux_peer *peer) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return -1;
  peer->pid = credentials.pid;
  peer->uid = credentials.uid;
  peer->gid = credentials.gid;
  return 0;
}

int linux_peer_groups(int socket, uint32_t *groups, uint32_t *count) {
  socklen_t size = *count * sizeof *groups;
  int result = getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &size);
  *count = size / sizeof *groups;
  return result;
}

int linux_refuse_descriptors(int socket) {
  int off = 0;
  return setsockopt(socket, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof off);
}

ssize_t linux_send_descriptor(int socket, const void *bytes, size_t count, int descriptor) {
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec piece = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control.room};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t linux_receive_descriptor(int socket, void *bytes, size_t capacity, int *descriptor) {
  union {
    struct cmsghdr header;
    char room[CMSG_LEN(sizeof(int))];
  } control = {0};
  struct iovec piece = {.iov_base = bytes, .iov_len = capacity};
  struct msghdr message = {.msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = &control,
                           .msg_controllen = sizeof control.room};
  *descriptor = -1;
  ssize_t received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (received < 0) return received;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS &&
      rights->cmsg_len == CMSG_LEN(sizeof(int)))
    memcpy(descriptor, CMSG_DATA(rights), sizeof *descriptor);
  return received;
}

int linux_allocate(int descriptor, int64_t offset, int64_t length) {
  return fallocate(descriptor, 0, offset, length);
}

int linux_punch_hole(int descriptor, int64_t offset, int64_t length) {
  return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int linux_claim(int descriptor) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(descriptor, F_OFD_SETLK, &whole) == 0) return 0;
  if (errno != EAGAIN && errno != EACCES) return -1;
  whole = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (fcntl(descriptor, F_OFD_GETLK, &whole) != 0) return -1;
  if (whole.l_type != F_WRLCK) return 0;
  errno = EWOULDBLOCK;
  return -1;
}

int linux_lock(int descriptor) { return flock(descriptor, LOCK_EX | LOCK_NB); }

ssize_t linux_random(void *bytes, size_t count) { return getrandom(bytes, count, 0); }

static int64_t now_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t linux_boottime_ns(void) { return now_ns(CLOCK_BOOTTIME); }

int64_t linux_realtime_ns(void) { return now_ns(CLOCK_REALTIME); }

int64_t linux_last_tick_ns(void) { return now_ns(CLOCK_MONOTONIC_COARSE); }

void linux_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void linux_map_large_blocks(int bytes) { mallopt(M_MMAP_THRESHOLD, bytes); }

int linux_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int linux_open(const char *path, int flags, uint32_t mode) { return open(path, flags, mode); }

int linux_file_system(const char *path, uint32_t *type) {
  struct statfs status;
  if (statfs(path, &status) != 0) return -1;
  // f_type may be a signed word, in which some are negative.
  *type = (uint32_t)status.f_type;
  return 0;
}

int linux_current_cpu(void) { return sched_getcpu(); }

int linux_allowed_processors(void) {
  // The kernel refuses a set smaller than its own; no machine has so many processors.
  enum { most = 1 << 16 };
  cpu_set_t *set = CPU_ALLOC(most);
  if (set == NULL) return -1;
  int result = sched_getaffinity(getpid(), CPU_ALLOC_SIZE(most), set);
  if (result == 0) result = CPU_COUNT_S(CPU_ALLOC_SIZE(most), set);
  CPU_FREE(set);
  return result;
}

long linux_preemptions(void) {
  struct rusage usage;
  // It can only fail for a wrong argument.
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nivcsw : 0;
}

static uint64_t fork_count;
static int fork_error;

// The child has no other thread yet.
static void count_fork(void) { fork_count++; }

static void watch_forks(void) { fork_error = pthread_atfork(NULL, NULL, count_fork); }

const uint64_t *linux_fork_count(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, watch_forks);
  return fork_error ? NULL : &fork_count;
}

pid_t linux_fork(void) { return fork(); }

int linux_own_mounts(void) {
  if (unshare(CLONE_NEWNS) != 0) return -1;
  return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

void linux_set_file_user(uint32_t user) { setfsuid(user); }
