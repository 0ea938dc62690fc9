#include "daemon/hub.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/text.h"

/* Onset and recovery differ, so that nothing is told again and again at a limit. */
#define HOT_C          80 /* a Raspberry Pi slows down from here on */
#define COOL_C         70
#define BATTERY_LOW    20 /* per cent */
#define BATTERY_GOOD   30
#define DISK_LOW_MIB   50 /* a day's history and the databases' logs need a tenth of it */
#define DISK_GOOD_MIB  100
#define VOLTAGE_CALM   INT64_C(600000) /* without a dip for so long: over */
#define ON_BATTERY_FOR INT64_C(300000) /* a plug that is pulled for a moment is nobody's business */

enum { HOT, VOLTAGE, ON_BATTERY, BATTERY, READ_ONLY, DISK_FULL, THINGS };

static const struct {
    const char *subject, *kind, *en, *zh;
} things[THINGS] = {
    [HOT] = {"processor", "hub-hot", "The gateway is too hot (80 degrees); give it air or another place.",
             "网关温度过高（超过 80 度），请改善通风或更换位置。"},
    [VOLTAGE] = {"power supply", "hub-undervoltage",
                 "The gateway gets too little voltage; its power supply or cable must be replaced.",
                 "网关供电电压不足，请更换电源适配器或电源线。"},
    [ON_BATTERY] = {"mains", "hub-on-battery", "The gateway has run on its battery for 5 minutes: no mains.",
                    "网关已停电 5 分钟，正在使用备用电池。"},
    [BATTERY] = {"battery", "hub-battery-low", "The gateway's backup battery is nearly empty.",
                 "网关备用电池电量不足。"},
    [READ_ONLY] = {"disk", "disk-read-only",
                   "The gateway's disk can only be read any more; the card is probably worn out and must be replaced.",
                   "网关存储卡已变为只读，可能已损坏，请更换。"},
    [DISK_FULL] = {"disk space", "disk-nearly-full", "The gateway's disk is nearly full.", "网关存储空间即将用尽。"},
};

struct hub {
    const char *sys, *state_dir;
    hub_sink sink;
    void *context;
    bool active[THINGS];
    int64_t dip_at;      /* last dip of the voltage that was seen; 0: none */
    int64_t no_mains_at; /* first look without mains; 0: there is mains, or no battery */
};

struct hub *hub_create(const char *sys, const char *state_dir, hub_sink sink, void *context)
{
    struct hub *hub = calloc(1, sizeof *hub);
    if (hub)
        *hub = (struct hub){.sys = sys, .state_dir = state_dir, .sink = sink, .context = context};
    return hub;
}

void hub_destroy(struct hub *hub)
{
    free(hub);
}

static void set(struct hub *hub, unsigned thing, bool active)
{
    if (hub->active[thing] == active)
        return;
    hub->active[thing] = active;
    struct frame_trouble trouble = {.active = active, .alert = 1};
    text_copy(trouble.subject, sizeof trouble.subject, things[thing].subject);
    text_copy(trouble.kind, sizeof trouble.kind, things[thing].kind);
    text_copy(trouble.text_en, sizeof trouble.text_en, things[thing].en);
    text_copy(trouble.text_zh, sizeof trouble.text_zh, things[thing].zh);
    hub->sink(hub->context, &trouble);
}

/* The first line of a file; false if there is none. */
static bool read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");
    bool read = file && fgets(line, (int)size, file);
    if (file)
        fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

static bool read_number(const char *path, double *value)
{
    char line[64];
    return read_line(path, line, sizeof line) && text_number(line, value);
}

/* The greatest number in the files that the pattern, below /sys, names; false: there are none. */
static bool greatest(const struct hub *hub, const char *pattern, double *value)
{
    char path[TEXT_SIZE];
    glob_t found;
    bool any = false;
    snprintf(path, sizeof path, "%s/%s", hub->sys, pattern);
    if (glob(path, 0, NULL, &found) != 0)
        return false;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        double number = 0;
        if (!read_number(found.gl_pathv[i], &number))
            continue;
        if (!any || number > *value)
            *value = number;
        any = true;
    }
    globfree(&found);
    return any;
}

static void look_at_heat(struct hub *hub)
{
    double milli = 0;
    if (greatest(hub, "class/thermal/thermal_zone*/temp", &milli) && milli < 200000) /* beyond: no thermometer */
        set(hub, HOT, milli >= (hub->active[HOT] ? COOL_C : HOT_C) * 1000.0);
}

static void look_at_voltage(struct hub *hub, int64_t now)
{
    double alarm = 0;
    if (!greatest(hub, "class/hwmon/hwmon*/in*_lcrit_alarm", &alarm))
        return;
    if (alarm > 0)
        hub->dip_at = now;
    set(hub, VOLTAGE, hub->dip_at != 0 && now - hub->dip_at < VOLTAGE_CALM);
}

/* Mains and battery of the hub itself (a UPS board). Those of the home are sensors of the kind mains. */
static void look_at_power(struct hub *hub, int64_t now)
{
    char path[TEXT_SIZE * 2], type[32];
    glob_t found;
    double mains = -1, battery = -1;
    snprintf(path, sizeof path, "%s/class/power_supply/*", hub->sys);
    if (glob(path, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        double number = 0;
        snprintf(path, sizeof path, "%s/type", found.gl_pathv[i]);
        if (!read_line(path, type, sizeof type))
            continue;
        bool is_battery = strcmp(type, "Battery") == 0 || strcmp(type, "UPS") == 0;
        snprintf(path, sizeof path, "%s/%s", found.gl_pathv[i], is_battery ? "capacity" : "online");
        if (!read_number(path, &number))
            continue;
        double *best = is_battery ? &battery : &mains;
        *best = number > *best ? number : *best;
    }
    globfree(&found);
    bool without = battery >= 0 && mains == 0;
    hub->no_mains_at = !without ? 0 : hub->no_mains_at ? hub->no_mains_at : now;
    set(hub, ON_BATTERY, without && now - hub->no_mains_at >= ON_BATTERY_FOR);
    set(hub, BATTERY, battery >= 0 && battery < (hub->active[BATTERY] ? BATTERY_GOOD : BATTERY_LOW));
}

static void look_at_disk(struct hub *hub)
{
    struct statvfs disk;
    if (statvfs(hub->state_dir, &disk) != 0)
        return; /* the store says what is wrong */
    set(hub, READ_ONLY, (disk.f_flag & ST_RDONLY) != 0);
    double free_mib = (double)disk.f_bavail * (double)disk.f_frsize / 1048576.0;
    set(hub, DISK_FULL, free_mib < (hub->active[DISK_FULL] ? DISK_GOOD_MIB : DISK_LOW_MIB));
}

void hub_look(struct hub *hub, int64_t now)
{
    look_at_heat(hub);
    look_at_voltage(hub, now);
    look_at_power(hub, now);
    look_at_disk(hub);
}
