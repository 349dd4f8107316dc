// sqlite3.h, and calls of it that Swift does not see: a destructor that is a cast of -1, and what is variadic.
#pragma once

#include <sqlite3.h>

// sqlite3_bind_blob64 with SQLITE_TRANSIENT: SQLite makes a copy. No bytes are an empty blob and not NULL.
static inline int sqlite_bind_copy(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, count ? bytes : "", count, SQLITE_TRANSIENT);
}

// sqlite3_db_config for an option that is on or off.
static inline int sqlite_switch(sqlite3 *connection, int option, int is_on) {
  return sqlite3_db_config(connection, option, is_on, (int *)0);
}
