/* format_internal.h - shared by the format_*.c files only. */
#ifndef MQTT_FORMAT_INTERNAL_H
#define MQTT_FORMAT_INTERNAL_H

#include <cjson/cJSON.h>

#include "format.h"

/* How a value in a payload becomes a number of ours. */
enum convert {
    TO_DEFAULT,      /* by kind: TO_LEVEL, TO_SWITCH or TO_NUMBER */
    TO_LEVEL,        /* words, booleans and numbers to 0 or 1 */
    TO_OPPOSITE,     /* the same turned round: "contact": false is an open door */
    TO_NUMBER,       /* a number, perhaps written as a string */
    TO_EVENT,        /* words for what was done to a button */
    TO_SWITCH,       /* a level where the word is one, else an event */
    TO_FALL,         /* only the word "fall" (and true, 1) */
    TO_PERCENT,      /* 0 to 100 */
    TO_LINK,         /* 0 to 255 */
    TO_LINK_PERCENT, /* 0 to 100 made 0 to 255 */
    TO_LINK_DBM      /* -100 to -50 dBm made 0 to 255 */
};

#define KINDS(kind) (UINT32_C(1) << (kind))
#define ANY_KIND    UINT32_MAX

struct format_rule {
    uint32_t kinds; /* bits */
    uint8_t type;   /* enum gw_type of what is found there: GW_VALUE also for events */
    uint8_t convert;
    const char *path; /* "a.b.0"; a component "*" or "Name*" takes the first child that fits */
};

struct format_table {
    const struct format_rule *rules; /* in order of preference: of each type the first that is there counts */
    unsigned n;
    enum convert plain_contact; /* of a payload that is no JSON, for contacts */
};

/* Never NULL for format < FORMAT_COUNT. */
const struct format_table *format_table(unsigned format);

/* A value as it stands in a payload. */
struct scalar {
    enum { SCALAR_NONE, SCALAR_NULL, SCALAR_BOOL, SCALAR_NUMBER, SCALAR_TEXT, SCALAR_OTHER } is;
    double number;    /* BOOL, NUMBER */
    const char *text; /* TEXT */
};

struct scalar scalar_from_json(const cJSON *node);
struct scalar scalar_from_text(const char *text);
/* The same text, whatever its type: for comparison with the configured words. */
bool scalar_is(const struct scalar *scalar, const char *word);
/* *item gets type and value. FORMAT_UNUSED: says nothing ("", null, a word that means no event). */
enum format_outcome scalar_convert(const struct scalar *scalar, enum convert convert, unsigned kind, uint8_t type,
                                   struct format_item *item);
enum convert format_default_convert(unsigned kind);

/* The node at the path, or NULL. */
const cJSON *format_find(const cJSON *node, const char *path);
/* Case-insensitive compare of whole words. */
bool format_same_word(const char *a, const char *b);

#endif
