#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define GROW 16

struct table *table_create(void)
{
    return calloc(1, sizeof(struct table));
}

void table_destroy(struct table *table)
{
    if (!table)
        return;
    for (unsigned i = 0; i < table->n; i++)
        lines_release(table->entry[i].line);
    free(table->entry);
    free(table->chip);
    free(table);
}

/* The chip of that name, made if it is not there; -1: out of memory. */
static int chip_of(struct table *table, const char *name)
{
    for (unsigned i = 0; i < table->n_chips; i++)
        if (strcmp(table->chip[i].name, name) == 0)
            return (int)i;
    struct chip *grown = realloc(table->chip, (table->n_chips + 1) * sizeof(*grown));
    if (!grown)
        return -1;
    table->chip = grown;
    grown[table->n_chips] = (struct chip){.delay = RETRY_FIRST_MS};
    text_copy(grown[table->n_chips].name, sizeof(grown->name), name);
    return (int)table->n_chips++;
}

bool table_add(struct table *table, const struct frame_gpio_line *want, bool output)
{
    if (table->n == SENSORS_MAX + OUTPUTS_MAX)
        return false;
    if (table->n == table->room) {
        struct entry *grown = realloc(table->entry, (table->room + GROW) * sizeof(*grown));
        if (!grown)
            return false;
        table->entry = grown;
        table->room += GROW;
    }
    int chip = chip_of(table, want->chip);
    if (chip < 0)
        return false;
    table->entry[table->n] =
        (struct entry){.want = *want, .output = output, .chip = (unsigned)chip, .told_available = -1};
    table->entry[table->n++].settle.due = SETTLE_NEVER;
    return true;
}

/* Slot and kind may change without the line noticing. */
static bool same_wiring(const struct frame_gpio_line *a, const struct frame_gpio_line *b)
{
    return strcmp(a->chip, b->chip) == 0 && strcmp(a->line, b->line) == 0 && a->bias == b->bias &&
           a->active_low == b->active_low && a->debounce_ms == b->debounce_ms;
}

static struct entry *find(const struct table *table, const struct entry *like)
{
    for (unsigned i = 0; i < table->n; i++)
        if (table->entry[i].output == like->output && strcmp(table->entry[i].want.sensor, like->want.sensor) == 0)
            return &table->entry[i];
    return NULL;
}

static bool adopt(struct entry *entry, struct entry *old)
{
    entry->value = old->value;
    entry->told_available = old->told_available;
    entry->told_fault = old->told_fault;
    old->told_fault = false;
    if (!same_wiring(&entry->want, &old->want))
        return false;
    struct frame_gpio_line want = entry->want;
    unsigned chip = entry->chip;
    *entry = *old;
    entry->want = want;
    entry->chip = chip;
    old->line = NULL;
    return entry->line != NULL;
}

unsigned table_adopt(struct table *table, struct table *old)
{
    unsigned kept = 0;
    for (unsigned i = 0; old && i < table->n; i++) {
        struct entry *before = find(old, &table->entry[i]);
        kept += before && adopt(&table->entry[i], before);
    }
    for (unsigned i = 0; old && i < table->n_chips; i++)
        for (unsigned j = 0; j < old->n_chips; j++)
            if (strcmp(table->chip[i].name, old->chip[j].name) == 0) {
                table->chip[i].told_missing = old->chip[j].told_missing;
                old->chip[j].told_missing = false;
            }
    for (unsigned i = 0; old && i < old->n; i++) {
        lines_release(old->entry[i].line);
        old->entry[i].line = NULL;
    }
    return kept;
}

struct entry *table_output(const struct table *table, uint32_t number)
{
    for (unsigned i = 0; table && i < table->n; i++)
        if (table->entry[i].output && table->entry[i].want.slot == number)
            return &table->entry[i];
    return NULL;
}

void chip_back_off(struct chip *chip, int64_t now)
{
    chip->retry_at = now + chip->delay;
    chip->delay = chip->delay * 2 < RETRY_MAX_MS ? chip->delay * 2 : RETRY_MAX_MS;
}
