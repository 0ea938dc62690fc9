/* main.c - run seeds, one after the other: `sim --build DIR --seeds A..B [--days D] [--verbose]`. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"
#include "zone.h"

struct options {
    const char *build;
    uint64_t from, to;
    double days;
    bool verbose, keep_going, small;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void usage(void)
{
    fputs("usage: sim --build DIR --seeds A..B [--days D] [--small] [--verbose] [--keep-going]\n", stderr);
    exit(2);
}

/* "7" or "1..1000". */
static bool parse_seeds(const char *text, struct options *o)
{
    char *rest;
    o->from = o->to = strtoull(text, &rest, 10);
    if (rest != text && strncmp(rest, "..", 2) == 0) {
        text = rest + 2;
        o->to = strtoull(text, &rest, 10);
    }
    return rest != text && *rest == '\0';
}

static struct options parse(int argc, char **argv)
{
    struct options o = {.build = "build", .from = 1, .to = 0};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--verbose") == 0) {
            o.verbose = true;
            continue;
        }
        if (strcmp(argv[i], "--small") == 0) {
            o.small = true;
            continue;
        }
        if (strcmp(argv[i], "--keep-going") == 0) {
            o.keep_going = true;
            continue;
        }
        if (strcmp(argv[i], "--build") == 0) {
            o.build = value;
        } else if (strcmp(argv[i], "--days") == 0) {
            o.days = atof(value);
        } else if (strcmp(argv[i], "--seeds") == 0) {
            if (!parse_seeds(value, &o))
                usage();
        } else {
            usage();
        }
        i++;
    }
    if (o.to < o.from)
        usage();
    return o;
}

static void clean(const char *dir)
{
    static const char *const names[] = {"gpio-state.ring", "gpio-urgent.ring", "mqtt-state.ring", "mqtt-urgent.ring",
                                        "alerts.mirror"};
    char path[256];
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
}

/* Days lived; negative: it failed. */
static double run_seed(const struct options *o, uint64_t seed)
{
    struct sim *sim = sim_create(seed, o->days, !o->small, o->build);
    sim->verbose = o->verbose;
    seam_enter(sim, 0);
    (void)mkdir(sim->run_dir, 0700);
    clean(sim->run_dir);
    checks_boot(sim);
    devices_begin(sim);
    faults_begin(sim);
    daemon_start_core(sim);
    while (sim_step(sim))
        ;
    if (!sim->failed)
        oracle_compare(sim);
    double days = (double)sim->now / (double)DAY;
    if (sim->failed) {
        printf("\nseed %llu FAILS: %s\n", (unsigned long long)seed, sim->failure);
        journal_print(sim);
        printf("  again: tests/sim/run --seeds %llu%s", (unsigned long long)seed, o->small ? " --small" : "");
        if (o->days > 0)
            printf(" --days %g", o->days);
        printf(" --verbose\n");
        days = -1;
    } else if (o->verbose) {
        printf("seed %llu: %.2f days, %llu steps, %llu presses, %llu alerts, %llu kills, %llu core kills, %llu cuts, "
               "%llu reloads\n",
               (unsigned long long)seed, days, (unsigned long long)sim->counts.steps,
               (unsigned long long)sim->counts.presses, (unsigned long long)sim->counts.alerts,
               (unsigned long long)sim->counts.kills, (unsigned long long)sim->counts.core_kills,
               (unsigned long long)sim->counts.cuts, (unsigned long long)sim->counts.reloads);
    }
    char dir[sizeof(sim->run_dir)];
    memcpy(dir, sim->run_dir, sizeof(dir));
    sim_destroy(sim);
    clean(dir);
    (void)rmdir(dir);
    return days;
}

/* Cores and workers come and go by the thousand: their memory stays with us. To clear a table again costs less than new
 * pages from the kernel. */
static void keep_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
    (void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
    (void)mallopt(M_TOP_PAD, 64 << 20);
}

int main(int argc, char **argv)
{
    keep_memory();
    struct options o = parse(argc, argv);
    double began = seconds(), days = 0;
    uint64_t failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    zone_load("Asia/Shanghai");
    for (uint64_t seed = o.from; seed <= o.to; seed++) {
        double lived = run_seed(&o, seed);
        failed += lived < 0;
        days += lived > 0 ? lived : 0;
        if (lived < 0 && !o.keep_going)
            break;
    }
    double took = seconds() - began;
    printf("seeds %llu..%llu: %llu failed, %.1f home-days in %.1f s, %.0f a minute\n", (unsigned long long)o.from,
           (unsigned long long)o.to, (unsigned long long)failed, days, took, days * 60 / took);
    return failed != 0;
}
