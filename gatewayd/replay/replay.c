#include "replay.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/words.h"
#include "compare.h"
#include "print.h"
#include "run.h"
#include "source.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG = 2, EXIT_NOT_RUNNING = 3 };

struct replay {
    struct replay_options options;
    struct source source;
    struct run run[2];
    unsigned n_runs;
    struct compare *compare;
    struct chunk chunk;
    uint64_t readings;
    int64_t first, last, wall_minus_log; /* log times of the first and the last reading; their label */
    int64_t started;
};

static void tell_one(void *context, const struct told *told)
{
    const struct replay_options *options = context;
    if (options->json)
        print_json(stdout, told, NULL);
    else
        print_text(stdout, told, options->language);
}

static bool load(struct replay *r)
{
    r->n_runs = r->options.compare ? 2 : 1;
    bool good = true;
    for (unsigned i = 0; i < r->n_runs; i++)
        good = run_load(&r->run[i], &r->options, &r->options.side[i]) && good;
    if (good)
        words_zone(r->run[0].settings->timezone);
    return good;
}

static int open_source(struct replay *r)
{
    char error[1024];
    const struct replay_options *o = &r->options;
    const struct settings *settings = r->run[0].settings;
    bool good = o->trace ? source_trace(&r->source, settings, o->trace, error, sizeof error)
                         : source_history(&r->source, settings, o->socket, o->since_ms, error, sizeof error);
    if (good)
        return EXIT_DONE;
    fprintf(stderr, "gatewayctl: %s\n", error);
    return o->trace ? EXIT_FAILED : EXIT_NOT_RUNNING;
}

static bool start(struct replay *r)
{
    if (r->options.compare) {
        r->compare = compare_begin();
        if (!r->compare) {
            fprintf(stderr, "no memory, or no folder for temporary files, for the comparison\n");
            return false;
        }
    }
    for (unsigned i = 0; i < r->n_runs; i++) {
        bool good = r->compare ? run_start(&r->run[i], &r->options, r->source.modes_logged, compare_take,
                                           compare_side(r->compare, i))
                               : run_start(&r->run[i], &r->options, r->source.modes_logged, tell_one, &r->options);
        if (!good)
            return false;
    }
    return true;
}

/* Up to the millisecond before the last reading: what else is of the same one comes before its wakes. */
static bool feed(struct replay *r)
{
    const struct chunk *chunk = &r->chunk;
    if (r->readings == 0)
        r->first = chunk->reading[0].at;
    r->readings += chunk->n;
    r->last = chunk->reading[chunk->n - 1].at;
    r->wall_minus_log = chunk->wall_minus_log;
    for (unsigned i = 0; i < r->n_runs; i++)
        if (!run_feed(&r->run[i], chunk, r->last - 1))
            return false;
    return !ferror(stdout); /* nobody reads on: `| head` */
}

static bool finish(struct replay *r)
{
    r->chunk.n = 0;
    for (unsigned i = 0; i < r->n_runs; i++) {
        bool good = r->readings == 0 || run_feed(&r->run[i], &r->chunk, r->last + r->options.tail_ms);
        if (!good || !run_answers(&r->run[i]))
            return false;
    }
    return true;
}

static bool play(struct replay *r)
{
    enum source_result result = SOURCE_END;
    while ((result = r->source.read(r->source.context, &r->chunk)) == SOURCE_CHUNK)
        if (!feed(r))
            return false;
    return result == SOURCE_END && finish(r);
}

/* ---- the end ---- */

static void tell_summary(const struct replay *r)
{
    char from[WORDS_SIZE], to[WORDS_SIZE];
    if (r->readings == 0) {
        fprintf(stderr, "there was no reading to replay\n");
        return;
    }
    if (r->options.json)
        return;
    printf("%" PRIu64 " readings, %s to %s", r->readings, words_when(r->first + r->wall_minus_log, from),
           words_when(r->last + r->wall_minus_log, to));
    if (!r->compare)
        printf(": %" PRIu64 " alert%s", r->run[0].alerts.told, r->run[0].alerts.told == 1 ? "" : "s");
    printf("\n");
}

static void tell_timing(struct replay *r)
{
    struct rusage used;
    double seconds = (double)(clock_boottime_ms() - r->started) / 1000;
    for (unsigned i = 0; i < r->n_runs; i++)
        run_tell_timing(&r->run[i]);
    getrusage(RUSAGE_SELF, &used);
    fprintf(stderr,
            "replay: %" PRIu64
            " readings in %.2f s (%.2f million a second), %.2f s of processor time, %ld KiB at most\n",
            r->readings, seconds, seconds > 0 ? (double)r->readings / seconds / 1e6 : 0,
            (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6 + (double)used.ru_stime.tv_sec +
                (double)used.ru_stime.tv_usec / 1e6,
            used.ru_maxrss);
}

static bool tell_end(struct replay *r)
{
    bool good = true;
    for (unsigned i = 0; i < r->n_runs; i++) {
        struct alerts *alerts = &r->run[i].alerts;
        alerts_end(alerts);
        if (alerts->early)
            fprintf(stderr, "%" PRIu64 " alerts were told before their end was known: too many were open at once\n",
                    alerts->early);
    }
    tell_summary(r);
    if (r->compare)
        good = compare_print(r->compare, &r->options);
    else
        run_tell_health(&r->run[0], &r->options);
    r->source.tell(r->source.context, stderr);
    if (r->options.timing)
        tell_timing(r);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "the answer could not be written\n");
        good = false;
    }
    return good;
}

static int replay(struct replay *r)
{
    if (!load(r))
        return EXIT_FAILED;
    int status = open_source(r);
    if (status != EXIT_DONE)
        return status;
    bool good = start(r) && play(r);
    good = (good && tell_end(r));
    r->source.close(r->source.context);
    return good ? EXIT_DONE : EXIT_FAILED;
}

int replay_main(int argc, char **argv)
{
    struct replay *r = calloc(1, sizeof *r);
    if (!r) {
        fprintf(stderr, "out of memory\n");
        return EXIT_FAILED;
    }
    (void)signal(SIGPIPE, SIG_IGN); /* `| head`: ends by the failed write */
    r->started = clock_boottime_ms();
    int status = EXIT_WRONG;
    enum replay_parsed parsed = replay_parse(&r->options, argc, argv, stdout, stderr);
    if (parsed == REPLAY_RUN)
        status = replay(r);
    else if (parsed == REPLAY_DONE)
        status = EXIT_DONE;
    for (unsigned i = 0; i < 2; i++)
        run_end(&r->run[i]);
    compare_end(r->compare);
    free(r);
    return status;
}
