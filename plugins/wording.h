/* wording.h - how our plugins say times, durations and places to people, in English and Chinese. Pure helpers, header
 * only, for the plugins in this folder. */
#ifndef PLUGINS_WORDING_H
#define PLUGINS_WORDING_H

#include <stdio.h>
#include <string.h>

#include "gatewayd/plugin.h"

/* "03:12" in the home's time. */
struct wording_clock {
    char text[8];
};

static inline struct wording_clock wording_clock(const struct gw_host *host, gw_time at)
{
    struct gw_local local;
    struct wording_clock out;
    host->local(host, at, &local);
    const unsigned minute = (unsigned)local.minute % 1440u;
    (void)snprintf(out.text, sizeof out.text, "%02u:%02u", minute / 60u, minute % 60u);
    return out;
}

struct wording_span {
    char en[48], zh[64];
};

/* "45 min" and "45 分钟", "1 h 30 min", "20 s". */
static inline struct wording_span wording_span(gw_time ms)
{
    struct wording_span out;
    const long seconds = (long)(ms / GW_SECOND), minutes = seconds / 60;
    if (seconds < 120 && seconds % 60 != 0) {
        (void)snprintf(out.en, sizeof out.en, "%ld s", seconds);
        (void)snprintf(out.zh, sizeof out.zh, "%ld 秒", seconds);
    } else if (minutes < 60) {
        (void)snprintf(out.en, sizeof out.en, "%ld min", minutes);
        (void)snprintf(out.zh, sizeof out.zh, "%ld 分钟", minutes);
    } else if (minutes % 60 == 0) {
        (void)snprintf(out.en, sizeof out.en, "%ld h", minutes / 60);
        (void)snprintf(out.zh, sizeof out.zh, "%ld 小时", minutes / 60);
    } else {
        (void)snprintf(out.en, sizeof out.en, "%ld h %ld min", minutes / 60, minutes % 60);
        (void)snprintf(out.zh, sizeof out.zh, "%ld 小时 %ld 分钟", minutes / 60, minutes % 60);
    }
    return out;
}

/* A room's Chinese name; a room that we have no word for keeps the name the technician gave it. */
static inline const char *wording_room_zh(const char *room)
{
    static const char *const words[][2] = {
        {"bathroom", "浴室"},    {"bath", "浴室"},        {"toilet", "卫生间"},   {"wc", "卫生间"},
        {"bedroom", "卧室"},     {"kitchen", "厨房"},     {"hall", "门厅"},       {"hallway", "走廊"},
        {"corridor", "走廊"},    {"living-room", "客厅"}, {"livingroom", "客厅"}, {"living room", "客厅"},
        {"front-door", "大门"},  {"entrance", "大门"},    {"balcony", "阳台"},    {"study", "书房"},
        {"dining-room", "餐厅"}, {"yard", "院子"},        {"courtyard", "院子"},  {"garden", "院子"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i][0], room) == 0)
            return words[i][1];
    }
    return room;
}

#endif
