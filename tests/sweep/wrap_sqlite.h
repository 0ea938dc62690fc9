/* wrap_sqlite.h - SQLite's allocations and file operations as failure points, by its own interfaces for that. */
#ifndef TESTS_SWEEP_WRAP_SQLITE_H
#define TESTS_SWEEP_WRAP_SQLITE_H

/* Once, before SQLite is used. */
void wrap_sqlite(void);

#endif
