/* gpio.c - wires and their kernel lines, and the gpio worker: its watch, settle, table and outbox are the real ones, on
 * real ring files. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "sim.h"
#include "table.h"
#include "watch.h"

#define WIRES    5
#define BUFFERED 16 /* edges that the kernel keeps for a line */

struct line {
    const char *name;
    int level;
    int64_t since;
    bool held;
    uint32_t seqno;
    unsigned n;
    struct lines_edge edge[BUFFERED];
};

struct gpio_world {
    struct line line[WIRES];
    int output;
};

struct gpio {
    struct watch watch;
    struct table *incoming;
    char folder[TEXT_SIZE];
    bool configured, ready;
};

static struct gpio_world *wires; /* a link-time fake has nowhere else to keep its lines */
static int64_t edge_now;

struct gpio_world *gpio_create(void)
{
    static const char *const names[WIRES] = {"bed", "cord", "light", "water", "mains"};
    wires = calloc(1, sizeof(*wires));
    if (!wires)
        abort();
    for (unsigned i = 0; i < WIRES; i++)
        wires->line[i].name = names[i];
    return wires;
}

int gpio_wire(const struct sim *sim, const char *name, int64_t *since)
{
    for (unsigned i = 0; i < WIRES; i++)
        if (strcmp(sim->wires->line[i].name, name) == 0) {
            *since = sim->wires->line[i].since;
            return sim->wires->line[i].level;
        }
    return -1;
}

int gpio_output(const struct sim *sim)
{
    return sim->wires->output;
}

void gpio_level(struct sim *sim, const char *name, int level)
{
    for (unsigned i = 0; i < WIRES; i++) {
        struct line *line = &sim->wires->line[i];
        if (strcmp(line->name, name) != 0 || line->level == level)
            continue;
        line->level = level;
        line->since = sim->now;
        if (!line->held)
            return;
        line->seqno++;
        if (line->n == BUFFERED) { /* the kernel drops the oldest */
            memmove(line->edge, line->edge + 1, (BUFFERED - 1) * sizeof(line->edge[0]));
            line->n--;
        }
        edge_now = sim_boottime(sim);
        line->edge[line->n++] = (struct lines_edge){edge_now * 1000000, line->seqno, level};
        if (sim->proc[1].alive)
            daemon_wake(sim, 1, sim->now);
    }
}

/* ---- lines.h ---- */

struct line *lines_request(const struct frame_gpio_line *want, int output_value, enum lines_fault *fault)
{
    (void)output_value;
    for (unsigned i = 0; i < WIRES; i++) {
        struct line *line = &wires->line[i];
        if (strcmp(line->name, want->line) != 0)
            continue;
        line->held = true;
        line->n = 0;
        line->seqno = 0;
        *fault = LINES_OK;
        return line;
    }
    *fault = LINES_NO_LINE;
    errno = ENOENT;
    return NULL;
}

void lines_release(struct line *line)
{
    if (line)
        line->held = false;
}

int lines_fd(const struct line *line)
{
    return 100 + (int)(line - wires->line);
}

int lines_level(const struct line *line)
{
    return line->level;
}

int lines_set(const struct line *line, int value)
{
    (void)line;
    wires->output = value;
    return 0;
}

int lines_read(struct line *line, struct lines_edge *edges, bool *maybe_lost)
{
    (void)maybe_lost;
    int n = (int)line->n;
    memcpy(edges, line->edge, line->n * sizeof(edges[0]));
    line->n = 0;
    return n;
}

bool lines_debounced(const struct line *line)
{
    (void)line;
    return false;
}

const char *lines_fault_text(enum lines_fault fault)
{
    return fault == LINES_OK ? "works" : "does not work";
}

/* ---- the worker ---- */

static void *begin(struct sim *sim, unsigned worker)
{
    (void)sim, (void)worker;
    struct gpio *gpio = calloc(1, sizeof(*gpio));
    if (!gpio)
        abort();
    return gpio;
}

static void bind_sensors(struct gpio *gpio)
{
    if (!gpio->watch.outbox || !gpio->watch.table)
        return;
    outbox_bind_none(gpio->watch.outbox);
    for (unsigned i = 0; i < gpio->watch.table->n; i++)
        if (!gpio->watch.table->entry[i].output)
            outbox_bind(gpio->watch.outbox, gpio->watch.table->entry[i].want.slot,
                        gpio->watch.table->entry[i].want.sensor);
}

static void configured(struct gpio *gpio)
{
    if (!gpio->incoming)
        return;
    table_adopt(gpio->incoming, gpio->watch.table);
    table_destroy(gpio->watch.table);
    gpio->watch.table = gpio->incoming;
    gpio->incoming = NULL;
    gpio->configured = true;
    if (!gpio->watch.outbox)
        gpio->watch.outbox = outbox_create(gpio->folder);
    if (!gpio->watch.outbox)
        abort();
    bind_sensors(gpio);
}

static void take(struct sim *sim, struct gpio *gpio, const struct frame *frame)
{
    struct frame_gpio_line line;
    struct entry *entry;
    switch (frame->header.type) {
    case FRAME_CONFIG_BEGIN:
        table_destroy(gpio->incoming);
        gpio->incoming = table_create();
        break;
    case FRAME_GPIO_CONFIG:
        memcpy(gpio->folder, frame->gpio_config.ring_dir, sizeof(gpio->folder));
        break;
    case FRAME_GPIO_LINE:
        table_add(gpio->incoming, &frame->gpio_line, false);
        break;
    case FRAME_OUTPUT:
        line = frame->output.line;
        memcpy(line.sensor, frame->output.name, sizeof(line.sensor));
        table_add(gpio->incoming, &line, true);
        break;
    case FRAME_CONFIG_END:
        configured(gpio);
        break;
    case FRAME_CONFIRM:
        if (gpio->watch.outbox)
            outbox_confirm(gpio->watch.outbox, &frame->confirm);
        break;
    case FRAME_OUTPUT_SET:
        entry = table_output(gpio->watch.table, frame->output_set.output);
        if (entry)
            watch_set(&gpio->watch, entry, frame->output_set.value != 0, sim_boottime(sim));
        break;
    default:
        break;
    }
}

static void serve(struct gpio *gpio, int64_t now)
{
    for (unsigned i = 0; i < gpio->watch.table->n; i++) {
        struct entry *entry = &gpio->watch.table->entry[i];
        bool edges = entry->line && entry->line->n > 0 && watch_fd(&gpio->watch, entry, now) >= 0;
        watch_serve(&gpio->watch, entry, edges ? POLLIN : 0, now);
    }
}

static int64_t turn(struct sim *sim, unsigned worker)
{
    struct gpio *gpio = sim->proc[worker].state;
    const struct frame *frame;
    while ((frame = proc_take(sim, worker)))
        take(sim, gpio, frame);
    if (!gpio->configured)
        return NEVER_AT;
    int64_t now = sim_boottime(sim);
    outbox_send(gpio->watch.outbox, 3);
    watch_retry(&gpio->watch, now);
    serve(gpio, now);
    watch_check(&gpio->watch, now);
    outbox_send(gpio->watch.outbox, 3);
    if (!gpio->ready)
        daemon_ready(sim, worker);
    gpio->ready = true;
    int64_t next = watch_deadline(&gpio->watch, now);
    return next == SETTLE_NEVER ? NEVER_AT : (next > now ? next : now + 1) + sim->boot_at;
}

static void end(struct sim *sim, unsigned worker, bool by_itself)
{
    (void)by_itself;
    struct gpio *gpio = sim->proc[worker].state;
    table_destroy(gpio->incoming);
    table_destroy(gpio->watch.table);
    outbox_destroy(gpio->watch.outbox);
    free(gpio);
}

void gpio_power_cut(struct sim *sim)
{
    static const char *const names[] = {"gpio-state", "gpio-urgent", "mqtt-state", "mqtt-urgent"};
    char path[256];
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s.ring", sim->run_dir, names[i]);
        (void)unlink(path);
    }
    sim->wires->output = 0;
}

const struct role_model gpio_model = {begin, turn, end};
