/* store_things.h - directories, readings and alerts for the store's tests. */
#ifndef TESTS_STORE_THINGS_H
#define TESTS_STORE_THINGS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alert.h"
#include "base/frame.h"
#include "base/text.h"

struct place {
    char directory[64];
    char alerts[128], history[128], mirror[128];
};

static inline void place_make(struct place *place)
{
    strcpy(place->directory, "/tmp/store-test-XXXXXX");
    if (!mkdtemp(place->directory))
        abort();
    snprintf(place->alerts, sizeof place->alerts, "%s/alerts.db", place->directory);
    snprintf(place->history, sizeof place->history, "%s/history.db", place->directory);
    snprintf(place->mirror, sizeof place->mirror, "%s/mirror", place->directory);
}

static inline void place_remove(struct place *place)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", place->directory);
    if (system(command) != 0)
        abort();
}

/* Overwrite n bytes from offset with a pattern; offset < 0: from the end. */
static inline void scribble(const char *path, off_t offset, size_t n)
{
    int fd = open(path, O_WRONLY);
    char bytes[4096];
    memset(bytes, 0xa5, sizeof bytes);
    if (offset < 0)
        offset += lseek(fd, 0, SEEK_END);
    if (fd < 0 || pwrite(fd, bytes, n < sizeof bytes ? n : sizeof bytes, offset) < 0)
        abort();
    close(fd);
}

/* How many files of the directory begin with this? */
static inline int count_files(const struct place *place, const char *beginning)
{
    char command[256], text[32] = "";
    snprintf(command, sizeof command, "ls '%s' | grep -v -e -wal -e -shm | grep -c '^%s'", place->directory, beginning);
    FILE *pipe = popen(command, "r");
    if (!pipe || !fgets(text, sizeof text, pipe))
        abort();
    pclose(pipe);
    return atoi(text);
}

static inline struct reading make_reading(uint64_t id, uint16_t sensor, int64_t at, double value)
{
    return (struct reading){.id = id,
                            .origin = UINT64_C(0x9000000100000000) + id,
                            .at = at,
                            .value = value,
                            .boot = 1,
                            .sensor = sensor,
                            .type = GW_VALUE};
}

static inline struct alert make_alert(uint64_t id, uint32_t rev, uint16_t state)
{
    struct alert alert = {.id = id,
                          .episode = 7,
                          .rev = rev,
                          .count = 1,
                          .class_ = GW_EMERGENCY,
                          .state = state,
                          .since = 1000,
                          .raised = 2000,
                          .at = 2000 + rev,
                          .wall_minus_log = -5,
                          .boot = 1,
                          .clock = 1,
                          .incident = id,
                          .reading = 11,
                          .n_evidence = 2};
    strcpy(alert.detector, "call");
    strcpy(alert.kind, "call");
    strcpy(alert.key, "bath");
    strcpy(alert.code, "0003 0010");
    strcpy(alert.room, "bathroom");
    strcpy(alert.text_en, "The call button was pressed.");
    strcpy(alert.text_zh, "呼叫按钮被按下。");
    for (int i = 0; i < 2; i++) {
        strcpy(alert.evidence[i].sensor, i ? "cord" : "call");
        strcpy(alert.evidence[i].room, "bathroom");
        strcpy(alert.evidence[i].kind, "button");
        alert.evidence[i].at = 1990 + i;
        alert.evidence[i].value = 1.5 + i;
        alert.evidence[i].type = GW_EVENT;
        alert.evidence[i].flags = GW_TEST;
    }
    return alert;
}

#endif
