#include "timezone.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"

#define ZONES     "/usr/share/zoneinfo"
#define NAMES_MAX 512
#define EXAMPLE   "such as \"Asia/Shanghai\""
#define ALPHABET  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/"

/* Files among the zones that are not names of zones: other rules for the same names, or made for other uses. "right/"
 * counts leap seconds and is 27 s off. */
static bool is_trick(const char *name)
{
    return strncmp(name, "posix", 5) == 0 || strncmp(name, "right/", 6) == 0 || strcmp(name, "localtime") == 0 ||
           strcmp(name, "Factory") == 0;
}

static bool is_zone_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    bool ok = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    fclose(file);
    return ok;
}

/* The nearest name in the same region, as "Region/Name"; "" if there is none. */
static void nearest_zone(const char *name, char *out, size_t size)
{
    char folder[TEXT_SIZE];
    const char *slash = strrchr(name, '/');
    int region = slash ? (int)(slash - name) : 0;
    *out = '\0';
    snprintf(folder, sizeof folder, ZONES "/%.*s", region, name);
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    const char *names[NAMES_MAX];
    size_t candidates = 0;
    for (int i = 0; i < n && candidates < NAMES_MAX; i++)
        names[candidates++] = entries[i]->d_name;
    const char *nearest = text_nearest(slash ? slash + 1 : name, names, candidates);
    if (nearest)
        snprintf(out, size, "%.*s%s%s", region, name, slash ? "/" : "", nearest);
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
}

bool timezone_ok(const char *name, char *why, size_t size)
{
    char path[TEXT_SIZE], nearest[TEXT_SIZE];
    if (!*name || strspn(name, ALPHABET) != strlen(name) || name[0] == '/' || is_trick(name)) {
        snprintf(why, size, "\"%.40s\" is not the name of a time zone " EXAMPLE, name);
        return false;
    }
    if (access(ZONES, R_OK) != 0) {
        snprintf(why, size, "this machine has no time zones: install the package tzdata");
        return false;
    }
    snprintf(path, sizeof path, ZONES "/%s", name);
    if (is_zone_file(path))
        return true;
    nearest_zone(name, nearest, sizeof nearest);
    if (*nearest && !is_trick(nearest))
        snprintf(why, size, "there is no time zone \"%.40s\"; did you mean \"%.60s\"?", name, nearest);
    else
        snprintf(why, size, "there is no time zone \"%.40s\"; give the name of a region and a city, " EXAMPLE, name);
    return false;
}
