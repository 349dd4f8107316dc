// A file system in memory that forgets, when told to, what was not synced: a power cut without the cut.
//
//     lossfs DIRECTORY        mounts it there and serves until its standard input ends
//
// It is one flat directory. Each file has what was written and what is safe; fsync(2) makes its bytes and size safe,
// fsync of the directory its names. Writing a number to the file `.cut` is the power cut: 0 forgets everything that is
// not safe; any other number is a seed by which each sector of 512 bytes that is not safe is lost or kept, as a disk
// might that was amid writing them. Reading `.cut` tells how many files, sectors and names were not safe at the last
// cut, and how often anybody synced before it.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mode_t root_mode = 0700;
static unsigned syncs, syncs_before_cut;
static const char control[] = ".cut";
// What a descriptor of it stands for: an open file has no path here.
static struct file control_file = {.mode = 0600};

// By the descriptor where there is one: the name may be gone.
static struct file *file_of(const char *path, struct fuse_file_info *info) {
  if (info && info->fh) return (struct file *)(uintptr_t)info->fh;
  if (path && strcmp(path + 1, control) == 0) return &control_file;
  struct name *name = path ? find(&now, path + 1) : NULL;
  return name ? name->file : NULL;
}

static int lossfs_getattr(const char *path, struct stat *status, struct fuse_file_info *info) {
  memset(status, 0, sizeof *status);
  status->st_nlink = 1;
  status->st_blksize = 4096;
  if (path && strcmp(path, "/") == 0) {
    status->st_mode = S_IFDIR | root_mode;
    return 0;
  }
  struct file *file = file_of(path, info);
  if (!file) return -ENOENT;
  status->st_mode = S_IFREG | file->mode;
  status->st_uid = file->owner;
  status->st_gid = file->group;
  status->st_size = (off_t)file->size;
  status->st_blocks = (blkcnt_t)((file->size + SECTOR - 1) / SECTOR);
  return 0;
}

static int lossfs_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                          struct fuse_file_info *info, enum fuse_readdir_flags flags) {
  (void)path, (void)offset, (void)info, (void)flags;
  fill(buffer, ".", NULL, 0, 0);
  fill(buffer, "..", NULL, 0, 0);
  for (size_t i = 0; i < now.count; i++) fill(buffer, now.names[i].text, NULL, 0, 0);
  return 0;
}

static int lossfs_create(const char *path, mode_t mode, struct fuse_file_info *info) {
  struct file *file = calloc(1, sizeof *file);
  if (!file) return -ENOSPC;
  file->mode = mode & 07777;
  file->owner = fuse_get_context()->uid;
  file->group = fuse_get_context()->gid;
  int error = add(path + 1, file);
  if (error) free(file);
  else info->fh = (uintptr_t)file;
  return error;
}

static int lossfs_open(const char *path, struct fuse_file_info *info) {
  struct file *file = file_of(path, NULL);
  if (!file) return -ENOENT;
  info->fh = (uintptr_t)file;
  // Its size is not what can be read from it.
  info->direct_io = file == &control_file;
  return 0;
}

static int lossfs_read(const char *path, char *buffer, size_t size, off_t offset, struct fuse_file_info *info) {
  struct file *file = file_of(path, info);
  if (!file) return -ENOENT;
  if (file == &control_file) {
    if (offset > 0) return 0;
    return snprintf(buffer, size, "files=%u sectors=%u names=%u syncs=%u\n", report.files, report.sectors,
                    report.names, syncs_before_cut);
  }
  if ((size_t)offset >= file->size) return 0;
  if (size > file->size - (size_t)offset) size = file->size - (size_t)offset;
  memcpy(buffer, file->bytes + offset, size);
  return (int)size;
}

static int lossfs_write(const char *path, const char *bytes, size_t size, off_t offset,
                        struct fuse_file_info *info) {
  struct file *file = file_of(path, info);
  if (!file) return -ENOENT;
  if (file == &control_file) {
    char number[32] = "";
    memcpy(number, bytes, size < sizeof number ? size : sizeof number - 1);
    cut(strtoull(number, NULL, 10));
    syncs_before_cut = syncs;
    syncs = 0;
    return (int)size;
  }
  size_t end = (size_t)offset + size;
  int error = end > file->size ? resize(file, end) : 0;
  if (error) return error;
  memcpy(file->bytes + offset, bytes, size);
  mark(file, (size_t)offset, end);
  return (int)size;
}

static int lossfs_truncate(const char *path, off_t size, struct fuse_file_info *info) {
  struct file *file = file_of(path, info);
  if (file == &control_file) return 0;
  return file ? resize(file, (size_t)size) : -ENOENT;
}

static int lossfs_unlink(const char *path) {
  struct name *name = find(&now, path + 1);
  if (!name) return -ENOENT;
  drop(name);
  return 0;
}

static int lossfs_rename(const char *from, const char *to, unsigned flags) {
  struct name *old = find(&now, from + 1), *new = find(&now, to + 1);
  if (flags & ~(unsigned)RENAME_NOREPLACE) return -EINVAL;
  if (!old) return -ENOENT;
  if (new && flags) return -EEXIST;
  if (strlen(to + 1) >= NAME_BYTES) return -ENAMETOOLONG;
  if (new == old) return 0;
  strcpy(old->text, to + 1);
  if (new) drop(new);
  return 0;
}

static int lossfs_chmod(const char *path, mode_t mode, struct fuse_file_info *info) {
  struct file *file = file_of(path, info);
  if (file) file->mode = mode & 07777;
  else if (path && strcmp(path, "/") == 0) root_mode = mode & 07777;
  else return -ENOENT;
  return 0;
}

static int lossfs_chown(const char *path, uid_t owner, gid_t group, struct fuse_file_info *info) {
  struct file *file = file_of(path, info);
  if (!file) return -ENOENT;
  if (owner != (uid_t)-1) file->owner = owner;
  if (group != (gid_t)-1) file->group = group;
  return 0;
}

static int lossfs_utimens(const char *path, const struct timespec times[2], struct fuse_file_info *info) {
  (void)path, (void)times, (void)info;
  return 0;
}

static int lossfs_fsync(const char *path, int only_data, struct fuse_file_info *info) {
  (void)only_data;
  struct file *file = file_of(path, info);
  if (!file) return -ENOENT;
  syncs++;
  make_safe(file);
  return 0;
}

static int lossfs_fsyncdir(const char *path, int only_data, struct fuse_file_info *info) {
  (void)path, (void)only_data, (void)info;
  syncs++;
  safe = now;
  return 0;
}

static void *lossfs_init(struct fuse_conn_info *connection, struct fuse_config *configuration) {
  (void)connection;
  configuration->hard_remove = 1;
  configuration->nullpath_ok = 1;
  // The kernel asks each time, so that after a cut it knows nothing that is no more.
  configuration->entry_timeout = configuration->attr_timeout = configuration->negative_timeout = 0;
  return NULL;
}

static void *serve_until_input_ends(void *unused) {
  char byte;
  while (read(0, &byte, 1) > 0) {}
  _exit(0);
  return unused;
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: lossfs DIRECTORY\n");
    return 2;
  }
  pthread_t watcher;
  if (pthread_create(&watcher, NULL, serve_until_input_ends, NULL)) return 1;
  static const struct fuse_operations operations = {
    .init = lossfs_init, .getattr = lossfs_getattr, .readdir = lossfs_readdir, .create = lossfs_create,
    .open = lossfs_open, .read = lossfs_read, .write = lossfs_write, .truncate = lossfs_truncate,
    .unlink = lossfs_unlink, .rename = lossfs_rename, .chmod = lossfs_chmod, .chown = lossfs_chown,
    .utimens = lossfs_utimens, .fsync = lossfs_fsync, .fsyncdir = lossfs_fsyncdir,
  };
  // One thread, in the foreground: what comes is done in its order.
  char *options[] = {arguments[0], "-f", "-s", "-o", "fsname=lossfs", arguments[1], NULL};
  return fuse_main(6, options, &operations, NULL);
}
