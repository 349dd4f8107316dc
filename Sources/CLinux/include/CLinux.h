// Linux calls and constants that Swift's Glibc module does not show, because it is built without
// _GNU_SOURCE or because they are variadic. One function a call, no logic.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC.
int linux_accept(int listener);

// epoll(7), with the 64-bit user datum as a plain argument.
struct linux_event {
  uint32_t events;
  uint64_t token;
};
extern const uint32_t linux_epoll_in;
extern const uint32_t linux_epoll_out;
extern const uint32_t linux_epoll_hup;
extern const uint32_t linux_epoll_err;
int linux_epoll_create(void);
int linux_epoll_add(int epoll, int descriptor, uint32_t events, uint64_t token);
int linux_epoll_modify(int epoll, int descriptor, uint32_t events, uint64_t token);
// At most 64 events a call.
int linux_epoll_wait(int epoll, struct linux_event *events, int capacity, int timeout_ms);
// recv(2).
ptrdiff_t linux_receive(int socket, void *bytes, size_t count);
// send(2) with MSG_NOSIGNAL.
ptrdiff_t linux_send(int socket, const void *bytes, size_t count);

// eventfd(2): a non-blocking counter that wakes an epoll.
int linux_eventfd(void);
// timerfd_create(2) and timerfd_settime(2) on CLOCK_BOOTTIME, non-blocking.
int linux_timerfd(void);
int linux_timerfd_set(int timer, int64_t first_ns, int64_t interval_ns);
// signalfd(2), non-blocking, for the signals given; the caller has blocked them.
int linux_signalfd(const int *signals, int count);
// The number of the next signal, or -1 with errno.
int linux_signalfd_read(int descriptor);
// pthread_sigmask(3): blocks the signals in the calling thread and those it starts later.
int linux_block_signals(const int *signals, int count);

// SO_PEERCRED (unix(7)).
struct linux_peer {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};
int linux_peer_credentials(int socket, struct linux_peer *peer);
// SO_PEERGROUPS (Linux 4.13): the peer's supplementary groups. `count` is the room, then how many there are;
// ERANGE if the room is too small for them.
int linux_peer_groups(int socket, uint32_t *groups, uint32_t *count);
// SO_PASSRIGHTS = 0: the peer's sendmsg(2) with descriptors fails. Linux 6.16 and newer.
int linux_refuse_descriptors(int socket);
// sendmsg(2) without SIGPIPE: bytes, at least one, and with the first of them a copy of a descriptor
// (SCM_RIGHTS, unix(7)).
ssize_t linux_send_descriptor(int socket, const void *bytes, size_t count, int descriptor);
// recvmsg(2): bytes, and the descriptor that came with them, which closes on exec; -1 if none came. There is
// room for one: the kernel closes what else a peer sent along.
ssize_t linux_receive_descriptor(int socket, void *bytes, size_t capacity, int *descriptor);

// fallocate(2): takes the pages now, so that a later store cannot meet a full file system.
int linux_allocate(int descriptor, int64_t offset, int64_t length);
// fallocate(2) with FALLOC_FL_PUNCH_HOLE: gives the pages back.
int linux_punch_hole(int descriptor, int64_t offset, int64_t length);
// An exclusive lock of the open file description on the whole file (fcntl(2), F_OFD_SETLK); EWOULDBLOCK where
// another one has an exclusive lock. A shared lock of somebody else is none to this.
int linux_claim(int descriptor);
// flock(2), exclusive, non-blocking.
int linux_lock(int descriptor);
// getrandom(2).
ssize_t linux_random(void *bytes, size_t count);
// CLOCK_BOOTTIME and CLOCK_REALTIME in nanoseconds (clock_gettime(2)).
int64_t linux_boottime_ns(void);
int64_t linux_realtime_ns(void);
// CLOCK_MONOTONIC_COARSE in nanoseconds: the moment of the kernel's last tick, a few milliseconds ago.
int64_t linux_last_tick_ns(void);
// Asks the processor for the cache line at an address, which need not be mapped.
static inline void linux_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
// The thread's name as ps and gdb show it, 15 bytes at most (pthread_setname_np(3)).
void linux_name_thread(const char *name);
// memfd_create(2), close-on-exec.
int linux_memfd(const char *name);
// mallopt(3): blocks of so many bytes are mapped, and unmapped when they are freed.
void linux_map_large_blocks(int bytes);
// open(2) with a mode; the flags as given.
int linux_open(const char *path, int flags, uint32_t mode);
// statfs(2): the type of the file system on which a file lies, the low 32 bits of it; 0 or -1.
int linux_file_system(const char *path, uint32_t *type);
// sched_getcpu(3): the processor that the thread runs on at this moment.
int linux_current_cpu(void);
// sched_getaffinity(2): on how many processors the process's first thread may run; -1 with errno.
int linux_allowed_processors(void);
// getrusage(2): how often the kernel took its processor away from the calling thread, to give it to another.
long linux_preemptions(void);
// The place of a number that is one higher in the child of every fork(2) than in its parent; NULL when
// there is no memory to have it counted (pthread_atfork(3)).
const uint64_t *linux_fork_count(void);
// fork(2), which Swift keeps back since a child has one thread only; for tests of just that.
pid_t linux_fork(void);
// unshare(2): what the calling thread, and those that it starts, mount from now on is seen by them alone, and gone
// with them. For tests of full and read-only file systems.
int linux_own_mounts(void);
// setfsuid(2): whose rights the calling thread, and those that it starts, have where files are concerned. For tests.
void linux_set_file_user(uint32_t user);
