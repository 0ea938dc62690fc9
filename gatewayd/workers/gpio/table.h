/* table.h - the lines the configuration names, with what is held of each, and the chips they are on. */
#ifndef GPIO_TABLE_H
#define GPIO_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"
#include "lines.h"
#include "settle.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS   10000

/* One input or output. */
struct entry {
    struct frame_gpio_line want; /* slot: of the sensor, or number of the output; sensor: its name */
    bool output;
    unsigned chip; /* in table.chip */
    int value;     /* output: as it was set last */

    struct line *line; /* NULL: not held now; owned */
    struct settle settle;
    uint32_t seqno; /* of the last edge read */
    int drains;     /* reads in a row that found more edges than fit */

    int told_available; /* 1, 0, or -1: nothing told yet */
    bool told_fault;    /* trouble was told and is not over */
    bool maybe_lost;    /* to be told in a note, as lost */
    uint32_t lost;
    int64_t note_after; /* at most one batch of notes a second */
};

/* Lines of one chip are tried again together. */
struct chip {
    char name[TEXT_SIZE]; /* as configured */
    int64_t retry_at, delay;
    bool told_missing; /* trouble was told and is not over */
};

struct table {
    struct entry *entry;
    unsigned n, room;
    struct chip *chip;
    unsigned n_chips;
};

struct table *table_create(void);        /* NULL: out of memory */
void table_destroy(struct table *table); /* releases what it holds; NULL is legal */
/* False: out of memory, or more than SENSORS_MAX + OUTPUTS_MAX. */
bool table_add(struct table *table, const struct frame_gpio_line *want, bool output);
/* What table and old (may be NULL) have in common by name and wiring goes from old to table untouched; what old still
 * holds then is released. Trouble that was told is handed over by name; what old still has as told afterwards is about
 * something that is configured no more. Returns how many lines were kept. */
unsigned table_adopt(struct table *table, struct table *old);
/* NULL: none. */
struct entry *table_output(const struct table *table, uint32_t number);
/* Try the chip again after a while, twice as long each time up to RETRY_MAX_MS. */
void chip_back_off(struct chip *chip, int64_t now);

#endif
