#include "compare.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "print.h"

#define KINDS_MAX ((size_t)DETECTORS_MAX * PLUGIN_ALERTS_MAX)

struct entry {
    uint64_t id;
    int64_t raised;
    uint64_t place; /* in the file */
};

struct side {
    struct compare *compare;
    FILE *file; /* of struct told */
    struct entry *entries;
    size_t n, capacity;
    bool failed;
};

struct kind_count {
    char detector[NAME_SIZE], kind[NAME_SIZE];
    uint16_t class_;
    uint64_t n[2];
};

struct compare {
    struct side side[2];
    struct kind_count *kinds;
    unsigned n_kinds;
};

struct compare *compare_begin(void)
{
    struct compare *compare = calloc(1, sizeof *compare);
    if (!compare)
        return NULL;
    compare->kinds = calloc(KINDS_MAX, sizeof *compare->kinds);
    for (unsigned i = 0; i < 2; i++) {
        compare->side[i].compare = compare;
        compare->side[i].file = tmpfile();
    }
    if (compare->kinds && compare->side[0].file && compare->side[1].file)
        return compare;
    compare_end(compare);
    return NULL;
}

void compare_end(struct compare *compare)
{
    if (!compare)
        return;
    for (unsigned i = 0; i < 2; i++) {
        if (compare->side[i].file)
            fclose(compare->side[i].file);
        free(compare->side[i].entries);
    }
    free(compare->kinds);
    free(compare);
}

void *compare_side(struct compare *compare, unsigned side)
{
    return &compare->side[side];
}

static void count(struct compare *compare, unsigned side, const struct alert *a)
{
    unsigned i = 0;
    while (i < compare->n_kinds &&
           (strcmp(compare->kinds[i].detector, a->detector) != 0 || strcmp(compare->kinds[i].kind, a->kind) != 0))
        i++;
    if (i == KINDS_MAX)
        return;
    if (i == compare->n_kinds) {
        struct kind_count *fresh = &compare->kinds[compare->n_kinds++];
        text_copy(fresh->detector, NAME_SIZE, a->detector);
        text_copy(fresh->kind, NAME_SIZE, a->kind);
        fresh->class_ = a->class_;
    }
    compare->kinds[i].n[side]++;
}

void compare_take(void *context, const struct told *told)
{
    struct side *side = context;
    if (side->n == side->capacity) {
        size_t capacity = side->capacity ? 2 * side->capacity : 256;
        struct entry *entries = realloc(side->entries, capacity * sizeof *entries);
        if (!entries) {
            side->failed = true;
            return;
        }
        side->entries = entries;
        side->capacity = capacity;
    }
    side->entries[side->n] = (struct entry){told->alert.id, told->alert.raised, side->n};
    side->n++;
    side->failed |= fwrite(told, sizeof *told, 1, side->file) != 1;
    count(side->compare, (unsigned)(side - side->compare->side), &told->alert);
}

/* ---- the answer ---- */

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static int by_time(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->raised != y->raised)
        return x->raised < y->raised ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* Leave only the entries that the other side does not have; returns how many both have at different times. */
static size_t only_mine(struct side *mine, const struct side *other)
{
    size_t kept = 0, moved = 0;
    for (size_t i = 0; i < mine->n; i++) {
        const struct entry *same =
            other->n ? bsearch(&mine->entries[i], other->entries, other->n, sizeof other->entries[0], by_id) : NULL;
        if (!same)
            mine->entries[kept++] = mine->entries[i];
        else
            moved += same->raised != mine->entries[i].raised;
    }
    mine->n = kept;
    return moved;
}

/* qsort takes no NULL, not even for nothing. */
static void sort_entries(struct side *side, int (*order)(const void *, const void *))
{
    if (side->n > 1)
        qsort(side->entries, side->n, sizeof side->entries[0], order);
}

static bool print_only(struct side *side, unsigned number, const struct replay_options *options)
{
    struct told told;
    if (!options->json && side->n > 0)
        printf("\nOnly with %s:\n\n", options->side[number].label);
    sort_entries(side, by_time);
    for (size_t i = 0; i < side->n; i++) {
        if (fseeko(side->file, (off_t)(side->entries[i].place * sizeof told), SEEK_SET) != 0 ||
            fread(&told, sizeof told, 1, side->file) != 1)
            return false;
        if (options->json)
            print_json(stdout, &told, number == 0 ? "a" : "b");
        else
            print_text(stdout, &told, options->language);
    }
    return true;
}

static void print_kinds(const struct compare *compare)
{
    for (unsigned i = 0; i < compare->n_kinds; i++) {
        const struct kind_count *k = &compare->kinds[i];
        printf("  %-10s %s: %s  %" PRIu64 " / %" PRIu64 "\n", alert_class_name(k->class_), k->detector, k->kind,
               k->n[0], k->n[1]);
    }
}

static void print_summary_json(const struct compare *compare, const struct replay_options *options,
                               const uint64_t alerts[2], size_t moved)
{
    fputs("{\"compare\": [", stdout);
    for (unsigned i = 0; i < 2; i++) {
        fputs(i ? ", {\"set\": " : "{\"set\": ", stdout);
        print_json_text(stdout, options->side[i].label);
        printf(", \"alerts\": %" PRIu64 "}", alerts[i]);
    }
    printf("], \"moved\": %zu, \"kinds\": [", moved);
    for (unsigned i = 0; i < compare->n_kinds; i++) {
        const struct kind_count *k = &compare->kinds[i];
        printf("%s{\"detector\": \"%s\", \"class\": \"%s\", \"kind\": \"%s\", \"alerts\": [%" PRIu64 ", %" PRIu64 "]}",
               i ? ", " : "", k->detector, alert_class_name(k->class_), k->kind, k->n[0], k->n[1]);
    }
    fputs("]}\n", stdout);
}

bool compare_print(struct compare *compare, const struct replay_options *options)
{
    struct side *a = &compare->side[0], *b = &compare->side[1];
    if (a->failed || b->failed || fflush(a->file) != 0 || fflush(b->file) != 0) {
        fprintf(stderr, "the alerts could not be kept for the comparison: is the folder for temporary files full?\n");
        return false;
    }
    const uint64_t alerts[2] = {a->n, b->n};
    sort_entries(a, by_id);
    sort_entries(b, by_id);
    struct entry *whole = a->n ? /* the second look needs what the first takes out */
                              malloc(a->n * sizeof *whole)
                               : NULL;
    if (a->n && !whole) {
        fprintf(stderr, "out of memory\n");
        return false;
    }
    if (whole)
        memcpy(whole, a->entries, a->n * sizeof *whole);
    const struct side whole_a = {.entries = whole, .n = a->n};
    size_t moved = only_mine(a, b);
    only_mine(b, &whole_a);
    free(whole);
    if (!options->json) {
        printf("with %s: %" PRIu64 " alert%s; with %s: %" PRIu64 "\n", options->side[0].label, alerts[0],
               alerts[0] == 1 ? "" : "s", options->side[1].label, alerts[1]);
        print_kinds(compare);
        if (moved)
            printf("%zu of them in both, but at another time\n", moved);
    }
    bool good = print_only(a, 0, options) && print_only(b, 1, options);
    if (options->json)
        print_summary_json(compare, options, alerts, moved);
    return good;
}
