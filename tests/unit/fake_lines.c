#include "fake_lines.h"

#include <errno.h>
#include <string.h>

/* A link-time fake has nowhere else to keep its table. */
static struct fake_line table[FAKE_LINES];
static const char *const names[FAKE_LINES] = {"l0", "l1", "l2", "l3"};

struct line {
    struct fake_line *fake;
};
static struct line handles[FAKE_LINES];

void fake_reset(void)
{
    memset(table, 0, sizeof(table));
    for (unsigned i = 0; i < FAKE_LINES; i++) {
        table[i].chip = "chip";
        table[i].name = names[i];
        handles[i].fake = &table[i];
    }
}

struct fake_line *fake_line(unsigned i)
{
    return &table[i];
}

void fake_edge(unsigned i, int64_t at_ms, int level)
{
    struct fake_line *fake = &table[i];
    fake->level = level;
    if (fake->counts)
        fake->seqno++;
    fake->edge[fake->n_edges++] = (struct lines_edge){at_ms * 1000000, fake->seqno, level};
}

struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault)
{
    *fault = LINES_NO_CHIP;
    for (unsigned i = 0; i < FAKE_LINES; i++) {
        if (strcmp(table[i].chip, want->chip) != 0)
            continue;
        *fault = LINES_NO_LINE;
        if (strcmp(table[i].name, want->line) != 0)
            continue;
        table[i].requests++;
        *fault = table[i].held ? LINES_BUSY : table[i].fault;
        if (*fault != LINES_OK)
            return NULL;
        table[i].held = true;
        table[i].n_edges = 0;
        table[i].output_value = output_value;
        return &handles[i];
    }
    return NULL;
}

void lines_release(struct line *line)
{
    if (!line)
        return;
    line->fake->held = false;
    line->fake->releases++;
}

int lines_fd(const struct line *line)
{
    return 1000 + (int)(line - handles);
}

static int answer(const struct fake_line *fake, int value)
{
    errno = ENODEV;
    return fake->broken ? -1 : value;
}

int lines_level(const struct line *line)
{
    return answer(line->fake, line->fake->level);
}

int lines_set(const struct line *line, int value)
{
    line->fake->output_value = value;
    return answer(line->fake, 0);
}

int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    struct fake_line *fake = line->fake;
    unsigned n = fake->n_edges < LINES_EDGES_PER_READ ? fake->n_edges : LINES_EDGES_PER_READ;
    fake->reads++;
    memcpy(edges, fake->edge, n * sizeof(*edges));
    memmove(fake->edge, fake->edge + n, (fake->n_edges - n) * sizeof(*edges));
    fake->n_edges -= n;
    *maybe_lost |= fake->maybe_lost;
    fake->maybe_lost = false;
    return answer(fake, (int)n);
}

bool lines_debounced(const struct line *line)
{
    return line->fake->debounced;
}
