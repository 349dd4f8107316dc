// Does with LMDB what `sessionbench read --mode bytes` does with sessiond, as quickly as LMDB can:
//
//     lmdb_reads fill DIRECTORY SESSIONS
//     lmdb_reads read DIRECTORY SESSIONS MILLISECONDS
//
// The sessions are those of Sources/sessionbench/SessionShape.swift. A session is one entry, its id the key and
// its four fields the data, which makes the tree smaller and a read some 5 % quicker than an entry for each
// field. Each read is a transaction, since only a new one sees what was written meanwhile; it is reset and
// renewed, which saves making it (mdb_txn_renew in lmdb.h). The value is copied out of the map before that,
// for afterwards it may be gone.
//
// `read` does one batch for each line of input, and prints the nanoseconds of one read, of the clock and of the
// processor, and how many reads that were.
#include <inttypes.h>
#include <lmdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  id_bytes = 32,
  value_repeats = 8,
  value_bytes = id_bytes * value_repeats + 2, // with the quotes of its JSON text
  small_bytes = 18,
  field_header_bytes = 3, // the length of the key, and of the value, low byte first
  session_bytes_most = 512,
  block_reads = 512,
  transaction_sessions = 10000,
};

static const char value_key[] = "profile";
static const int64_t ns_per_s = 1000000000;
static const size_t map_bytes_per_session = 4096;

static void check(int code, const char *call) {
  if (code == 0) return;
  fprintf(stderr, "lmdb_reads: %s: %s\n", call, mdb_strerror(code));
  exit(1);
}

static void fail(const char *what) {
  fprintf(stderr, "lmdb_reads: %s\n", what);
  exit(1);
}

// SplitMix64, as in Tests/TestSupport.
static uint64_t random_next(uint64_t *state) {
  *state += 0x9E3779B97F4A7C15u;
  uint64_t mixed = *state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}

static void make_id(uint64_t number, char *id) {
  static const char digits[] = "0123456789abcdef";
  uint64_t state = number;
  for (int start = 0; start < id_bytes; start += 16) {
    uint64_t word = random_next(&state);
    for (int place = 0; place < 16; place++) {
      id[start + place] = digits[word >> 60];
      word <<= 4;
    }
  }
}

static void make_value(const char *id, char *value) {
  value[0] = '"';
  for (int part = 0; part < value_repeats; part++) memcpy(value + 1 + part * id_bytes, id, id_bytes);
  value[value_bytes - 1] = '"';
}

static int64_t now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * ns_per_s + time.tv_nsec;
}

static MDB_env *open_environment(const char *directory, uint64_t sessions, unsigned flags) {
  MDB_env *environment;
  check(mdb_env_create(&environment), "mdb_env_create");
  check(mdb_env_set_mapsize(environment, sessions * map_bytes_per_session), "mdb_env_set_mapsize");
  check(mdb_env_open(environment, directory, flags, 0600), "mdb_env_open");
  return environment;
}

static size_t add_field(unsigned char *session, size_t place, const char *key, const char *value, size_t size) {
  size_t key_bytes = strlen(key);
  session[place] = key_bytes;
  session[place + 1] = size & 0xFF;
  session[place + 2] = size >> 8;
  memcpy(session + place + field_header_bytes, key, key_bytes);
  memcpy(session + place + field_header_bytes + key_bytes, value, size);
  return place + field_header_bytes + key_bytes + size;
}

static void put_session(MDB_txn *transaction, MDB_dbi database, uint64_t number) {
  char id[id_bytes], value[value_bytes], small[small_bytes];
  make_id(number, id);
  make_value(id, value);
  small[0] = small[small_bytes - 1] = '"';
  memcpy(small + 1, id, small_bytes - 2);
  unsigned char session[session_bytes_most];
  size_t size = add_field(session, 0, "user", small, small_bytes);
  size = add_field(session, size, "theme", "\"dark\"", 6);
  size = add_field(session, size, "visits", "42", 2);
  size = add_field(session, size, value_key, value, value_bytes);
  MDB_val key = {id_bytes, id};
  MDB_val data = {size, session};
  check(mdb_put(transaction, database, &key, &data, 0), "mdb_put");
}

static void fill(const char *directory, uint64_t sessions) {
  MDB_env *environment = open_environment(directory, sessions, MDB_NOSYNC);
  MDB_txn *transaction = NULL;
  MDB_dbi database = 0;
  for (uint64_t number = 0; number < sessions; number++) {
    if (!transaction) {
      check(mdb_txn_begin(environment, NULL, 0, &transaction), "mdb_txn_begin");
      check(mdb_dbi_open(transaction, NULL, 0, &database), "mdb_dbi_open");
    }
    put_session(transaction, database, number);
    if (number % transaction_sessions == transaction_sessions - 1 || number == sessions - 1) {
      check(mdb_txn_commit(transaction), "mdb_txn_commit");
      transaction = NULL;
    }
  }
  mdb_env_close(environment);
}

struct reader {
  MDB_txn *transaction;
  MDB_dbi database;
};

// Finds the value among a session's fields.
static const unsigned char *find_value(const MDB_val *session) {
  const unsigned char *place = session->mv_data;
  const unsigned char *end = place + session->mv_size;
  const size_t key_bytes = sizeof value_key - 1;
  while (place < end) {
    const unsigned char *key = place + field_header_bytes;
    size_t size = place[1] | (size_t)place[2] << 8;
    if (place[0] == key_bytes && memcmp(key, value_key, key_bytes) == 0 && size == value_bytes)
      return key + key_bytes;
    place = key + place[0] + size;
  }
  fail("a session has no such value");
  return NULL;
}

// The read that is measured: a transaction, the lookup, a copy.
static void read_value(struct reader *reader, char *id, char *value) {
  MDB_val key = {id_bytes, id};
  MDB_val session;
  check(mdb_txn_renew(reader->transaction), "mdb_txn_renew");
  check(mdb_get(reader->transaction, reader->database, &key, &session), "mdb_get");
  memcpy(value, find_value(&session), value_bytes);
  mdb_txn_reset(reader->transaction);
  // The compiler must not leave the copy out.
  __asm__ volatile("" : : "r"(value) : "memory");
}

static struct reader open_reader(const char *directory, uint64_t sessions) {
  struct reader reader;
  // Without thread-local storage the transaction itself keeps its place in the table of readers.
  MDB_env *environment = open_environment(directory, sessions, MDB_RDONLY | MDB_NOTLS);
  check(mdb_txn_begin(environment, NULL, MDB_RDONLY, &reader.transaction), "mdb_txn_begin");
  check(mdb_dbi_open(reader.transaction, NULL, 0, &reader.database), "mdb_dbi_open");
  mdb_txn_reset(reader.transaction);
  return reader;
}

static void batch(struct reader *reader, uint64_t sessions, int64_t batch_ns, uint64_t *random, int is_told) {
  static char ids[block_reads][id_bytes];
  char value[value_bytes];
  int64_t spent_ns = 0, processor_ns = 0, reads = 0;
  int64_t end = now(CLOCK_BOOTTIME) + batch_ns;
  do {
    for (int place = 0; place < block_reads; place++) make_id(random_next(random) % sessions, ids[place]);
    int64_t processor_started = now(CLOCK_PROCESS_CPUTIME_ID);
    int64_t started = now(CLOCK_BOOTTIME);
    for (int place = 0; place < block_reads; place++) read_value(reader, ids[place], value);
    spent_ns += now(CLOCK_BOOTTIME) - started;
    processor_ns += now(CLOCK_PROCESS_CPUTIME_ID) - processor_started;
    reads += block_reads;
  } while (now(CLOCK_BOOTTIME) < end);
  if (!is_told) return;
  printf("%.1f %.1f %" PRId64 "\n", (double)spent_ns / reads, (double)processor_ns / reads, reads);
  fflush(stdout);
}

static void read_sessions(const char *directory, uint64_t sessions, int64_t batch_ns) {
  struct reader reader = open_reader(directory, sessions);
  for (uint64_t number = 0; number < sessions; number++) {
    char id[id_bytes], value[value_bytes], expected[value_bytes];
    make_id(number, id);
    make_value(id, expected);
    read_value(&reader, id, value);
    if (memcmp(value, expected, value_bytes) != 0) fail("a value is not the one that was put there");
  }
  uint64_t random = now(CLOCK_BOOTTIME);
  uint64_t seed = random;
  batch(&reader, sessions, ns_per_s / 5, &random, 0);
  printf("ready %s sessions=%" PRIu64 " seed=%" PRIu64 "\n", mdb_version(NULL, NULL, NULL), sessions, seed);
  fflush(stdout);
  char line[64];
  while (fgets(line, sizeof line, stdin)) batch(&reader, sessions, batch_ns, &random, 1);
}

int main(int count, char **words) {
  uint64_t sessions = count > 3 ? strtoull(words[3], NULL, 10) : 0;
  if (count == 4 && sessions > 0 && strcmp(words[1], "fill") == 0) {
    fill(words[2], sessions);
  } else if (count == 5 && sessions > 0 && strcmp(words[1], "read") == 0) {
    read_sessions(words[2], sessions, strtoll(words[4], NULL, 10) * (ns_per_s / 1000));
  } else {
    fail("usage: lmdb_reads fill DIRECTORY SESSIONS | lmdb_reads read DIRECTORY SESSIONS MILLISECONDS");
  }
  return 0;
}
