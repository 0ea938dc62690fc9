#include "daemon/lastgood.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config/report.h"
#include "config/source.h"

char *lastgood_path(const char *state_dir, char *out, size_t size)
{
    snprintf(out, size, "%s/last-good.conf", state_dir);
    return out;
}

/* Does the file hold exactly this text? */
static bool holds(const char *path, const char *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    char data[4096];
    size_t left = strlen(text);
    bool same = true;
    ssize_t n = 0;
    while (same && (n = read(fd, data, sizeof data)) > 0) {
        same = (size_t)n <= left && memcmp(data, text, (size_t)n) == 0;
        text += same ? n : 0;
        left -= same ? (size_t)n : 0;
    }
    close(fd);
    return same && n == 0 && left == 0;
}

static int write_whole(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    size_t size = strlen(text);
    ssize_t n = 0;
    while (size && (n = write(fd, text, size)) > 0) {
        text += n;
        size -= (size_t)n;
    }
    bool ok = !size && fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return ok ? 0 : -1;
}

static void sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

static int exchange(const char *path, const char *text, bool (*good)(void *context, const char *path), void *context,
                    char *error, size_t error_size)
{
    char fresh[PATH_MAX + 8];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    if (write_whole(fresh, text) < 0)
        snprintf(error, error_size, "cannot write %s: %s", fresh, strerror(errno));
    else if (!good(context, fresh))
        snprintf(error, error_size, "the copy of the configuration does not load by itself");
    else if (rename(fresh, path) < 0)
        snprintf(error, error_size, "cannot rename %s: %s", fresh, strerror(errno));
    else
        return 0;
    unlink(fresh);
    return -1;
}

int lastgood_store(const char *state_dir, const char *config, bool (*good)(void *context, const char *path),
                   void *context, char *error, size_t error_size)
{
    char path[PATH_MAX];
    lastgood_path(state_dir, path, sizeof path);
    struct report *report = report_create();
    struct source *source = report ? source_load(config, report) : NULL;
    int result = -1;
    if (!source) {
        snprintf(error, error_size, "out of memory");
    } else if (report_count(report)) {
        snprintf(error, error_size, "%s can no longer be read as a whole", config);
    } else {
        const char *text = source_text(source);
        bool same = holds(path, text);
        result = same ? 0 : exchange(path, text, good, context, error, error_size);
        if (!same && result == 0)
            sync_directory(state_dir);
    }
    report_destroy(report);
    source_free(source);
    return result;
}
