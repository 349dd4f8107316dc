// A disk in memory: a directory of files, each with what was written and what is safe.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SECTOR = 512, NAMES_MOST = 256, NAME_BYTES = 256 };

// A file. It stays until the program ends, also without a name.
struct file {
  char *bytes, *safe;
  uint8_t *is_dirty;  // by sector: differs from what is safe, perhaps
  size_t size, safe_size, capacity;
  mode_t mode;
  uid_t owner;
  gid_t group;
};

struct name {
  char text[NAME_BYTES];
  struct file *file;
};

struct directory {
  struct name names[NAMES_MOST];
  size_t count;
};

// What was written, and what is safe.
extern struct directory now, safe;
// What was not safe at the last cut.
extern struct report { unsigned files, sectors, names; } report;

struct name *find(struct directory *directory, const char *text);
// 0, or an error of errno(3), negative.
int add(const char *text, struct file *file);
void drop(struct name *name);

// Notes that bytes may differ from what is safe.
void mark(struct file *file, size_t from, size_t to);
int resize(struct file *file, size_t size);
void make_safe(struct file *file);

// Forgets what is not safe: all of it for seed 0, else about half of the sectors.
void cut(uint64_t seed);
