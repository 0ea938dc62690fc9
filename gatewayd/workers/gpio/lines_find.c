#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

enum lines_fault lines_fault_of(int error)
{
    switch (error) {
    case ENODEV:
        return LINES_NO_CHIP;
    case EBUSY:
        return LINES_BUSY;
    case EACCES:
    case EPERM:
        return LINES_NO_ACCESS;
    default:
        return LINES_REFUSED;
    }
}

const char *lines_fault_text(enum lines_fault fault)
{
    switch (fault) {
    case LINES_OK:
        return "ok";
    case LINES_NO_CHIP:
        return "there is no such chip";
    case LINES_NO_LINE:
        return "the chip has no such line";
    case LINES_BUSY:
        return "the line is in use by another program or driver";
    case LINES_NO_ACCESS:
        return "no permission to open the chip";
    case LINES_NO_UAPI:
        return "this kernel lacks the old GPIO interface (CONFIG_GPIO_CDEV_V1) that libgpiod 1 needs";
    case LINES_REFUSED:
        break;
    }
    return "the kernel refused the request";
}

int lines_offset(const char *line)
{
    char *end;
    if (*line < '0' || *line > '9')
        return -1;
    errno = 0;
    long offset = strtol(line, &end, 10);
    return *end || errno || offset > INT_MAX ? -1 : (int)offset;
}

static int is_chip(const struct dirent *entry)
{
    return strncmp(entry->d_name, "gpiochip", strlen("gpiochip")) == 0;
}

/* *denied: a chip could not be looked at, so the label may be there after all. */
static struct gpiod_chip *find_label(const struct lines_library *library, const char *label, bool *denied)
{
    struct dirent **entries;
    struct gpiod_chip *found = NULL;
    char path[PATH_MAX];
    int n = scandir("/dev", &entries, is_chip, versionsort);
    for (int i = 0; i < n; i++) {
        (void)snprintf(path, sizeof(path), "/dev/%s", entries[i]->d_name);
        free(entries[i]);
        if (found)
            continue;
        struct gpiod_chip *chip = library->open(path);
        if (!chip) {
            *denied |= errno == EACCES || errno == EPERM;
            continue;
        }
        if (library->is_labelled(chip, label))
            found = chip;
        else
            library->close(chip);
    }
    if (n >= 0)
        free(entries);
    return found;
}

struct gpiod_chip *lines_find_chip(const struct lines_library *library, const char *chip, enum lines_fault *fault)
{
    char path[PATH_MAX];
    bool denied = false;
    (void)snprintf(path, sizeof(path), "%s%s", strchr(chip, '/') ? "" : "/dev/", chip);
    struct gpiod_chip *found = library->open(path);
    if (!found) {
        denied = errno == EACCES || errno == EPERM;
        if (!strchr(chip, '/'))
            found = find_label(library, chip, &denied);
    }
    *fault = found ? LINES_OK : denied ? LINES_NO_ACCESS : LINES_NO_CHIP;
    if (!found)
        errno = denied ? EACCES : ENODEV;
    return found;
}
