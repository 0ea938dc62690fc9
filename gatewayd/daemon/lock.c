#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct lock {
    int fd;
};

/* The holder's pid from /proc/locks, 0 where it is not to be seen (other pid namespace). The inode alone is compared:
 * file systems with anonymous devices (btrfs, overlay) show another device number there than stat does. */
static long holder(int fd)
{
    struct stat status;
    FILE *locks = fopen("/proc/locks", "re");
    if (!locks)
        return 0;
    long found = 0;
    char line[256];
    while (!found && fstat(fd, &status) == 0 && fgets(line, sizeof line, locks)) {
        char type[16];
        long pid = 0;
        unsigned long long inode = 0;
        if (sscanf(line, "%*d: %15s %*s WRITE %ld %*x:%*x:%llu", type, &pid, &inode) == 3 &&
            strcmp(type, "FLOCK") == 0 && inode == status.st_ino && pid > 0)
            found = pid;
    }
    fclose(locks);
    return found;
}

static void say_locked(int fd, const char *directory, char *error, size_t error_size)
{
    long pid = holder(fd);
    char who[32] = "";
    if (pid)
        snprintf(who, sizeof who, " (pid %ld)", pid);
    snprintf(error, error_size,
             "another gateway%s uses the state directory %s; stop it first, or give this one its own with --state-dir",
             who, directory);
}

struct lock *lock_take(const char *directory, char *error, size_t error_size)
{
    if (mkdir(directory, 0750) < 0 && errno != EEXIST) {
        snprintf(error, error_size, "cannot make the state directory %s: %s", directory, strerror(errno));
        return NULL;
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(error, error_size, "cannot open the state directory %s: %s", directory, strerror(errno));
        return NULL;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EWOULDBLOCK)
            say_locked(fd, directory, error, error_size);
        else
            snprintf(error, error_size, "cannot lock the state directory %s: %s", directory, strerror(errno));
        close(fd);
        return NULL;
    }
    struct lock *lock = calloc(1, sizeof *lock);
    if (!lock) {
        snprintf(error, error_size, "out of memory");
        close(fd);
        return NULL;
    }
    lock->fd = fd;
    return lock;
}

void lock_release(struct lock *lock)
{
    if (!lock)
        return;
    close(lock->fd);
    free(lock);
}
