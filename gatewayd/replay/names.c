#include "names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"

#define BUCKETS 4096u /* at least twice the names: three for each of SENSORS_MAX sensors */

struct entry {
    const char *name; /* NULL: free */
    int slot;
};

struct names {
    struct entry entries[BUCKETS];
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned bucket(const char *name)
{
    uint64_t hash = HASH_START;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)lower(*name)) * UINT64_C(0x100000001b3);
    return (unsigned)(hash ^ hash >> 32) % BUCKETS;
}

static const struct entry *find(const struct names *names, const char *name)
{
    unsigned i = bucket(name);
    while (names->entries[i].name && strcasecmp(names->entries[i].name, name) != 0)
        i = (i + 1) % BUCKETS;
    return &names->entries[i];
}

/* What stands there from a better kind of name stays. */
static void add(struct names *names, const char *name, int slot, const struct names *better)
{
    if (!*name || (better && find(better, name)->name))
        return;
    struct entry *entry = &names->entries[find(names, name) - names->entries];
    if (!entry->name)
        *entry = (struct entry){name, slot};
    else if (entry->slot != slot)
        entry->slot = NAMES_AMBIGUOUS;
}

static void add_all(struct names *names, const struct settings *settings, const struct names *better)
{
    for (uint32_t i = 0; i < settings->n_sensors; i++) {
        const struct sensor_settings *sensor = &settings->sensors[i];
        if (!better) {
            add(names, sensor->name, (int)i, NULL);
        } else if (sensor->source == SOURCE_GPIO) {
            add(names, sensor->gpio.line, (int)i, better);
        } else {
            const char *slash = strrchr(sensor->mqtt.topic, '/');
            add(names, slash ? slash + 1 : sensor->mqtt.topic, (int)i, better);
        }
    }
}

struct names *names_create(const struct settings *settings)
{
    struct names *names = calloc(1, sizeof *names), *own = calloc(1, sizeof *own);
    if (names && own) {
        add_all(own, settings, NULL);
        memcpy(names, own, sizeof *own);
        add_all(names, settings, own);
    } else {
        free(names);
        names = NULL;
    }
    free(own);
    return names;
}

void names_destroy(struct names *names)
{
    free(names);
}

int names_find(const struct names *names, const char *id)
{
    const struct entry *entry = find(names, id);
    if (entry->name)
        return entry->slot;
    return strcasecmp(id, "home") == 0 ? NAMES_HOME : NAMES_NONE;
}
