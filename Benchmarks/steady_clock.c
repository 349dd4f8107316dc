// Lets CLOCK_BOOTTIME go on by the same stretch each time that it is asked, when it is loaded before libc (LD_PRELOAD).
//
// Under callgrind a program is some fifty times as slow. By the real clock the daemon would end turns early that it
// finishes otherwise, now this one and now that, and the same requests would take another number of instructions each
// time.
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Some requests a turn stay far below its millisecond, and a session that is used every thousandth time slides.
static const int64_t step_ns = 4000;
static const int64_t ns_per_s = 1000000000;
static int64_t start_ns;
static atomic_llong asked;

__attribute__((constructor)) static void begin(void) {
  struct timespec now;
  if (syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now) != 0) _exit(1);
  start_ns = (int64_t)now.tv_sec * ns_per_s + now.tv_nsec;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (clock != CLOCK_BOOTTIME) return (int)syscall(SYS_clock_gettime, clock, time);
  int64_t now = start_ns + step_ns * atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed);
  time->tv_sec = now / ns_per_s;
  time->tv_nsec = now % ns_per_s;
  return 0;
}
