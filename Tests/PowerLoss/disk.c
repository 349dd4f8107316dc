#include "disk.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct directory now, safe;
struct report report;

// MARK: Names

struct name *find(struct directory *directory, const char *text) {
  for (size_t i = 0; i < directory->count; i++)
    if (strcmp(directory->names[i].text, text) == 0) return &directory->names[i];
  return NULL;
}

int add(const char *text, struct file *file) {
  if (strlen(text) >= NAME_BYTES) return -ENAMETOOLONG;
  if (now.count == NAMES_MOST) return -ENOSPC;
  struct name *name = &now.names[now.count++];
  strcpy(name->text, text);
  name->file = file;
  return 0;
}

void drop(struct name *name) { *name = now.names[--now.count]; }

// MARK: Bytes

static int reserve(struct file *file, size_t size) {
  if (size <= file->capacity) return 0;
  size_t capacity = file->capacity ? file->capacity : 64 * SECTOR;
  while (capacity < size) capacity *= 2;
  // Whatever of it could not be had is as large as before, and can be tried again.
  char *bytes = realloc(file->bytes, capacity);
  if (bytes) file->bytes = bytes;
  char *safe_bytes = realloc(file->safe, capacity);
  if (safe_bytes) file->safe = safe_bytes;
  uint8_t *is_dirty = realloc(file->is_dirty, capacity / SECTOR);
  if (is_dirty) file->is_dirty = is_dirty;
  if (!bytes || !safe_bytes || !is_dirty) return -ENOSPC;
  memset(bytes + file->capacity, 0, capacity - file->capacity);
  memset(safe_bytes + file->capacity, 0, capacity - file->capacity);
  memset(is_dirty + file->capacity / SECTOR, 0, (capacity - file->capacity) / SECTOR);
  file->capacity = capacity;
  return 0;
}

void mark(struct file *file, size_t from, size_t to) {
  for (size_t sector = from / SECTOR; sector * SECTOR < to; sector++) file->is_dirty[sector] = 1;
}

// Bytes beyond the end are always zero.
int resize(struct file *file, size_t size) {
  int error = reserve(file, size);
  if (error) return error;
  if (size < file->size) {
    memset(file->bytes + size, 0, file->size - size);
    mark(file, size, file->size);
  }
  file->size = size;
  return 0;
}

void make_safe(struct file *file) {
  for (size_t sector = 0; sector < file->capacity / SECTOR; sector++) {
    if (!file->is_dirty[sector]) continue;
    memcpy(file->safe + sector * SECTOR, file->bytes + sector * SECTOR, SECTOR);
    file->is_dirty[sector] = 0;
  }
  file->safe_size = file->size;
}

// MARK: The cut

static uint64_t random_state;

// SplitMix64; always true for seed 0, which is no random at all.
static bool is_lost(void) {
  if (random_state == 0) return true;
  uint64_t mixed = (random_state += 0x9E3779B97F4A7C15);
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return (mixed ^ (mixed >> 31)) & 1;
}

static void cut_file(struct file *file) {
  bool was_unsafe = file->size != file->safe_size;
  size_t size = is_lost() ? file->safe_size : file->size;
  for (size_t sector = 0; sector < file->capacity / SECTOR; sector++) {
    if (!file->is_dirty[sector]) continue;
    file->is_dirty[sector] = 0;
    char *is = file->bytes + sector * SECTOR, *was = file->safe + sector * SECTOR;
    if (memcmp(is, was, SECTOR) == 0) continue;
    was_unsafe = true;
    report.sectors++;
    if (is_lost()) memcpy(is, was, SECTOR);
  }
  report.files += was_unsafe;
  if (size < file->capacity) memset(file->bytes + size, 0, file->capacity - size);
  file->size = file->safe_size = size;
  if (file->capacity) memcpy(file->safe, file->bytes, file->capacity);
}

// Names first, so that only files are left that have one. Renaming and removing are atomic and happen in order: all of
// it is kept, or none.
void cut(uint64_t seed) {
  random_state = seed;
  memset(&report, 0, sizeof report);
  for (size_t i = 0; i < now.count; i++) {
    struct name *before = find(&safe, now.names[i].text);
    if (!before || before->file != now.names[i].file) report.names++;
  }
  for (size_t i = 0; i < safe.count; i++)
    if (!find(&now, safe.names[i].text)) report.names++;
  if (is_lost()) now = safe;
  else safe = now;
  for (size_t i = 0; i < now.count; i++) cut_file(now.names[i].file);
}
