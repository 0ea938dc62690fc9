#include "aside.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static const char *const SUFFIXES[] = {"", "-wal", "-shm"};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The date is the last part of a name: "alerts.db.corrupt-20260301-120000". Is it a set-aside main file of base? */
static const char *date_of(const char *name, const char *base)
{
    size_t n = strlen(base), size = strlen(name);
    if (size < n + 17 || strncmp(name, base, n) != 0 || name[n] != '.')
        return NULL;
    const char *dash = strchr(name + n, '-');
    return dash && dash[1] >= '0' && dash[1] <= '9' && !strstr(name, "-wal") && !strstr(name, "-shm") ? dash + 1 : NULL;
}

static void delete_set(int directory, const char *name)
{
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof SUFFIXES[0]; i++) {
        char file[512];
        snprintf(file, sizeof file, "%s%s", name, SUFFIXES[i]);
        unlinkat(directory, file, 0);
    }
}

/* Keep the newest ASIDE_KEEP, by the dates in their names. */
static void prune(const char *directory, const char *base)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return;
    char *keep[ASIDE_KEEP + 1] = {NULL}; /* "date|name", sorted, oldest first */
    size_t n = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        const char *date = date_of(entry->d_name, base);
        char *item = NULL;
        if (!date || asprintf(&item, "%s|%s", date, entry->d_name) < 0)
            continue;
        keep[n++] = item;
        qsort(keep, n, sizeof keep[0], compare_names);
        if (n > ASIDE_KEEP) {
            delete_set(dirfd(dir), strchr(keep[0], '|') + 1);
            free(keep[0]);
            memmove(keep, keep + 1, (n - 1) * sizeof keep[0]);
            n--;
        }
    }
    while (n > 0)
        free(keep[--n]);
    closedir(dir);
}

static int rename_set(const char *path, const char *target)
{
    if (rename(path, target) != 0)
        return -1;
    for (size_t i = 1; i < sizeof SUFFIXES / sizeof SUFFIXES[0]; i++) {
        char from[512], to[512];
        snprintf(from, sizeof from, "%s%s", path, SUFFIXES[i]);
        snprintf(to, sizeof to, "%s%s", target, SUFFIXES[i]);
        /* A log without its database must never be found by the next one. */
        if (rename(from, to) != 0 && errno != ENOENT)
            unlink(from);
    }
    return 0;
}

static void name_of(char *out, size_t size, const char *path, const char *why, const char *date, int number)
{
    if (number == 1)
        snprintf(out, size, "%s.%s-%s", path, why, date);
    else
        snprintf(out, size, "%s.%s-%s.%02d", path, why, date, number);
}

static bool exists(const char *path, const char *why, const char *date, int number)
{
    char name[400];
    name_of(name, sizeof name, path, why, date, number);
    return access(name, F_OK) == 0;
}

int aside_set(const char *path, const char *why, char *name, size_t size)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    struct tm utc;
    if (!gmtime_r(&now, &utc))
        return -1;
    char date[32], target[400];
    strftime(date, sizeof date, "%Y%m%d-%H%M%S", &utc);
    /* Several in one second: beyond the highest number that is there, as the oldest may have been deleted already. */
    int number = 99;
    while (number > 0 && !exists(path, why, date, number))
        number--;
    name_of(target, sizeof target, path, why, date, number + 1);
    if (rename_set(path, target) != 0)
        return -1;
    const char *slash = strrchr(target, '/');
    snprintf(name, size, "%s", slash ? slash + 1 : target);
    char directory[400];
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - target) : 1, slash ? target : ".");
    const char *base = strrchr(path, '/');
    prune(directory, base ? base + 1 : path);
    return 0;
}
