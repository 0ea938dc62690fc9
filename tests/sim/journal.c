/* journal.c - the last steps of a run, in words, for whoever reads a failure. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

#define KEPT 50

struct journal {
    char line[KEPT][240];
    unsigned next;
};

struct journal *journal_create(void)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    if (!journal)
        abort();
    return journal;
}

static void stamp(const struct sim *sim, char out[48])
{
    long long s = (long long)(sim->now / SECOND);
    snprintf(out, 48, "day %lld %02lld:%02lld:%02lld.%03d", s / 86400 + 1, s / 3600 % 24, s / 60 % 60, s % 60,
             (int)(sim->now % SECOND) % 1000);
}

static void add(struct sim *sim, const char *text)
{
    char when[48];
    stamp(sim, when);
    struct journal *j = sim->journal;
    snprintf(j->line[j->next++ % KEPT], sizeof(j->line[0]), "%s  %s", when, text);
    if (sim->verbose)
        printf("%s  %s\n", when, text);
}

void say(struct sim *sim, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    add(sim, text);
}

void broken(struct sim *sim, const char *format, ...)
{
    va_list args;
    if (sim->failed)
        return;
    sim->failed = true;
    va_start(args, format);
    vsnprintf(sim->failure, sizeof(sim->failure), format, args);
    va_end(args);
    add(sim, sim->failure);
}

void journal_print(const struct sim *sim)
{
    const struct journal *j = sim->journal;
    for (unsigned i = j->next > KEPT ? j->next - KEPT : 0; i < j->next; i++)
        printf("    %s\n", j->line[i % KEPT]);
}
