// What any server on a Unix socket has to do for a request, and nothing else: waits in epoll, level-triggered, receives
// at most 16 KiB a turn, answers each line with one of a given length, and sends all the answers of a turn at once.
//
//     bare_loop SOCKET REPLY_BYTES
//
// Every answer is "OK", filled up with dots to so many bytes, with its line end. It ends with a signal.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { receive_bytes = 16 * 1024, reply_bytes_most = 1024, events_most = 64 };

static void fail(const char *what) {
  fprintf(stderr, "bare_loop: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(path);
  }
  strcpy(address.sun_path, path);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, SOMAXCONN) != 0) fail("listen");
  return listener;
}

static void watch(int epoll, int descriptor) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

// Answers what has come. A client that is gone, or does not take its replies, is let go.
static void serve(int client, const char *reply, size_t reply_bytes) {
  static char input[receive_bytes];
  static char output[receive_bytes * 8];
  ssize_t count = recv(client, input, sizeof input, 0);
  if (count <= 0) {
    close(client);
    return;
  }
  size_t length = 0;
  for (char *place = input; (place = memchr(place, '\n', input + count - place)); place++) {
    if (length + reply_bytes > sizeof output) {
      fprintf(stderr, "bare_loop: more requests in a turn than it is made for\n");
      exit(1);
    }
    memcpy(output + length, reply, reply_bytes);
    length += reply_bytes;
  }
  if (length > 0 && send(client, output, length, MSG_NOSIGNAL) != (ssize_t)length) close(client);
}

int main(int count, char **arguments) {
  char reply[reply_bytes_most];
  long reply_bytes = count == 3 ? strtol(arguments[2], NULL, 10) : 0;
  if (reply_bytes < 3 || reply_bytes > reply_bytes_most) {
    fprintf(stderr, "usage: bare_loop SOCKET REPLY_BYTES, from 3 to %d\n", reply_bytes_most);
    return 64;
  }
  memset(reply, '.', sizeof reply);
  memcpy(reply, "OK", 2);
  reply[reply_bytes - 1] = '\n';

  int listener = listen_at(arguments[1]);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) fail("epoll_create1");
  watch(epoll, listener);
  while (1) {
    struct epoll_event events[events_most];
    int ready = epoll_wait(epoll, events, events_most, -1);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) {
        serve(events[i].data.fd, reply, (size_t)reply_bytes);
        continue;
      }
      int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (client < 0) fail("accept4");
      watch(epoll, client);
    }
  }
}
