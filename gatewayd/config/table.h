/* table.h - the keys of a group as data: one table per group says name, type, range and default of each key and where
 * its value goes. The walker, the nearest-key advice and the test of the man page all read the same tables. */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader.h"
#include "report.h"

enum key_type {
    KEY_NAME,     /* char[size]: a name that may stand in a topic (text_is_name) */
    KEY_TEXT,     /* char[size]: any text but control characters; not empty */
    KEY_WORD,     /* char[size]: as KEY_TEXT; a number or true/false may stand without quotes */
    KEY_PATH,     /* char[size]: absolute */
    KEY_TOPIC,    /* char[size]: an MQTT topic without wildcards and empty levels */
    KEY_NUMBER,   /* uint32_t, minimum to maximum */
    KEY_DURATION, /* uint32_t, in units of `unit` ms; minimum and maximum in ms */
    KEY_FLAG,     /* uint32_t or bool */
    KEY_CHOICE,   /* uint32_t or uint16_t: index into choices */
    KEY_KIND,     /* uint16_t: a sensor kind by name */
    KEY_GROUP,    /* { }: read by its module */
    KEY_LIST,     /* ( ) of groups: read by its module */
    KEY_OWN       /* anything: read by its module */
};

struct key {
    const char *name;
    enum key_type type;
    bool required;
    size_t offset, size;        /* of the field in the struct that the table fills */
    double minimum, maximum;    /* both 0: no range */
    unsigned unit;              /* KEY_DURATION */
    const char *fallback;       /* as one would write it; NULL: zero or "" */
    const char *const *choices; /* KEY_CHOICE, ends with NULL */
    const char *doc;            /* what it is, for "is missing" and the manual */
};

struct table {
    const char *name; /* the group's place: "sensors.gpio" */
    const struct key *keys;
    size_t n;
    bool open; /* other keys are allowed: they are a plugin's */
};

/* clang-format off */
#define FIELD(type_, member) .offset = offsetof(type_, member), .size = sizeof(((type_ *)0)->member)
#define TABLE(place, keys) {(place), (keys), sizeof(keys) / sizeof((keys)[0]), false}
/* clang-format on */

/* Fill base's fields from the group, the rest from the defaults; node NULL: defaults only, `required` not asked. Every
 * mistake is reported; fields with one keep their default. False if there was one. */
bool table_read(const struct table *table, const struct node *group, void *base, struct report *report);

/* The key's table entry, or NULL. */
const struct key *table_key(const struct table *table, const char *name);

/* Report an unknown key with the nearest right one, or all. `more` are further names (NULL: none). */
void table_unknown(const struct table *table, const struct node *node, const char *const more[], size_t n_more,
                   struct report *report);

/* Report that node's value is wrong: "key: message". */
__attribute__((format(printf, 3, 4))) void table_wrong(const struct node *node, struct report *report,
                                                       const char *format, ...);

/* The list's length, or 0 after reporting that node is no list or longer than most. NULL: 0. */
unsigned table_list(const struct node *node, unsigned most, struct report *report);

/* The first of the n names (each `stride` bytes after the other) must not stand a second time: reports element i if its
 * name, which must not be empty, is among those before it. */
void table_unique(const struct node *list, unsigned i, const char *names, size_t stride, struct report *report);

/* Line of the member, or of the group if it is not there. */
unsigned table_line(const struct node *group, const char *member);

#endif
