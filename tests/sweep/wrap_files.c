/* wrap_files.c - what our own code asks of the kernel about files, as failure points. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "points.h"

int __real_open(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *data, size_t size);
int __real_fstat(int fd, struct stat *info);
int __real_ftruncate(int fd, off_t size);
int __real_posix_fallocate(int fd, off_t offset, off_t size);
void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __real_rename(const char *from, const char *to);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *data, size_t size);
int __wrap_fstat(int fd, struct stat *info);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_posix_fallocate(int fd, off_t offset, off_t size);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
int __wrap_rename(const char *from, const char *to);

static bool refused(int error)
{
    errno = error;
    return points_fail(POINT_FILE);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start stands above */
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return refused(EIO) ? -1 : __real_open(path, flags, mode);
}

ssize_t __wrap_read(int fd, void *data, size_t size)
{
    return refused(EIO) ? -1 : __real_read(fd, data, size);
}

int __wrap_fstat(int fd, struct stat *info)
{
    return refused(EIO) ? -1 : __real_fstat(fd, info);
}

int __wrap_ftruncate(int fd, off_t size)
{
    return refused(ENOSPC) ? -1 : __real_ftruncate(fd, size);
}

int __wrap_posix_fallocate(int fd, off_t offset, off_t size)
{
    return refused(ENOSPC) ? ENOSPC : __real_posix_fallocate(fd, offset, size);
}

void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return refused(ENOMEM) ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}

int __wrap_rename(const char *from, const char *to)
{
    return refused(EIO) ? -1 : __real_rename(from, to);
}
