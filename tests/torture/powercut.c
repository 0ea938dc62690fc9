/* powercut.c - preloaded into gatewayd-store: a journal of everything that it does to the files of one folder, and its
 * end by SIGKILL at the n-th of these acts, before the act is done. power.py makes from the journal what a disk may
 * hold after the power failed just then.
 *
 * POWERCUT_FOLDER   files below it count, all others are left alone
 * POWERCUT_JOURNAL  the journal is appended to this file
 * POWERCUT_AT       number of the act, from 1, that is written down and not done any more; 0: none
 *
 * SQLite's -shm file is mapped memory and no act on a disk: power.py removes it. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT  __attribute__((visibility("default")))
#define FDS_MAX 256

enum act { CREATED = 1, WROTE, CUT_TO, SYNCED, SYNCED_FOLDER, REMOVED, RENAMED };

struct record { /* as power.py reads it; then the name, then the other name or the bytes */
    uint32_t act;
    uint32_t name_size;
    uint32_t data_size;
    uint32_t reserved;
    int64_t offset;
};

/* A preloaded library has nowhere else to keep what it knows of the process. */
static struct {
    char folder[PATH_MAX];
    size_t folder_size;
    int journal;
    long at, acts;
    char name[FDS_MAX][NAME_MAX + 1]; /* of an open file below the folder; "" else */
} cut = {.journal = -1};

/* The function that this library stands before. A function's address through dlsym is POSIX, not ISO C. */
#define NEXT(real, symbol) (*(void **)&(real) = dlsym(RTLD_NEXT, symbol))

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("POWERCUT_FOLDER"), *journal = getenv("POWERCUT_JOURNAL"), *at = getenv("POWERCUT_AT");
    if (!folder || !journal)
        return;
    (void)snprintf(cut.folder, sizeof cut.folder, "%s", folder);
    cut.folder_size = strlen(cut.folder);
    cut.at = at ? strtol(at, NULL, 10) : 0;
    int (*real)(const char *, int, ...);
    NEXT(real, "open");
    cut.journal = fcntl(real(journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600), F_DUPFD_CLOEXEC, FDS_MAX);
}

/* The name within the folder, "." for itself; NULL: elsewhere. */
static const char *inside(const char *path)
{
    if (cut.journal < 0 || !path || strncmp(path, cut.folder, cut.folder_size) != 0)
        return NULL;
    if (path[cut.folder_size] == '\0')
        return ".";
    return path[cut.folder_size] == '/' ? path + cut.folder_size + 1 : NULL;
}

static const char *name_of(int fd)
{
    return fd >= 0 && fd < FDS_MAX && cut.name[fd][0] ? cut.name[fd] : NULL;
}

static void put(const void *data, size_t n)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        NEXT(real, "write");
    if (n && real(cut.journal, data, n) != (ssize_t)n)
        abort();
}

static void note(enum act act, const char *name, int64_t offset, const void *data, size_t n)
{
    struct record record = {(uint32_t)act, (uint32_t)strlen(name), (uint32_t)n, 0, offset};
    put(&record, sizeof record);
    put(name, record.name_size);
    put(data, n);
    if (++cut.acts == cut.at)
        (void)raise(SIGKILL);
}

/* ---- what is interposed ---- */

static int open_it(const char *symbol, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...);
    NEXT(real, symbol);
    const char *name = inside(path);
    struct stat info;
    if (name && (flags & O_CREAT) && stat(path, &info) != 0)
        note(CREATED, name, 0, NULL, 0);
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < FDS_MAX)
        (void)snprintf(cut.name[fd], sizeof cut.name[fd], "%s", name ? name : "");
    if (name && fd >= 0 && (flags & O_TRUNC))
        note(CUT_TO, name, 0, NULL, 0);
    return fd;
}

#define OPEN(symbol)                                                                                                   \
    EXPORT int symbol(const char *path, int flags, ...);                                                               \
    EXPORT int symbol(const char *path, int flags, ...)                                                                \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                                      \
        va_end(rest);                                                                                                  \
        return open_it(#symbol, path, flags, mode);                                                                    \
    }
OPEN(open)
OPEN(open64)

#define REAL(type, symbol, ...)                                                                                        \
    static type (*real)(__VA_ARGS__);                                                                                  \
    if (!real)                                                                                                         \
        NEXT(real, #symbol);

EXPORT int close(int fd)
{
    REAL(int, close, int)
    if (fd >= 0 && fd < FDS_MAX)
        cut.name[fd][0] = '\0';
    return real(fd);
}

EXPORT ssize_t write(int fd, const void *data, size_t n)
{
    REAL(ssize_t, write, int, const void *, size_t)
    if (name_of(fd))
        note(WROTE, name_of(fd), lseek(fd, 0, SEEK_CUR), data, n);
    return real(fd, data, n);
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t n, off_t offset)
{
    REAL(ssize_t, pwrite, int, const void *, size_t, off_t)
    if (name_of(fd))
        note(WROTE, name_of(fd), offset, data, n);
    return real(fd, data, n, offset);
}

EXPORT ssize_t pwrite64(int fd, const void *data, size_t n, off64_t offset)
{
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)
    if (name_of(fd))
        note(WROTE, name_of(fd), offset, data, n);
    return real(fd, data, n, offset);
}

EXPORT int ftruncate(int fd, off_t size)
{
    REAL(int, ftruncate, int, off_t)
    if (name_of(fd))
        note(CUT_TO, name_of(fd), size, NULL, 0);
    return real(fd, size);
}

EXPORT int ftruncate64(int fd, off64_t size)
{
    REAL(int, ftruncate64, int, off64_t)
    if (name_of(fd))
        note(CUT_TO, name_of(fd), size, NULL, 0);
    return real(fd, size);
}

/* The real call is left out: the disk of this test is the journal. */
static int synced(int fd)
{
    const char *name = name_of(fd);
    if (!name)
        return -1;
    note(strcmp(name, ".") == 0 ? SYNCED_FOLDER : SYNCED, name, 0, NULL, 0);
    return 0;
}

EXPORT int fsync(int fd)
{
    REAL(int, fsync, int)
    return synced(fd) == 0 ? 0 : real(fd);
}

EXPORT int fdatasync(int fd)
{
    REAL(int, fdatasync, int)
    return synced(fd) == 0 ? 0 : real(fd);
}

EXPORT int unlink(const char *path)
{
    REAL(int, unlink, const char *)
    if (inside(path))
        note(REMOVED, inside(path), 0, NULL, 0);
    return real(path);
}

EXPORT int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *)
    if (inside(from) && inside(to))
        note(RENAMED, inside(from), 0, inside(to), strlen(inside(to)));
    return real(from, to);
}
