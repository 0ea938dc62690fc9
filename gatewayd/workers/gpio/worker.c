#include "worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "tell.h"
#include "watch.h"

#define FRAMES_PER_TURN 64 /* of the core, between two looks at the lines */
#define POLLS           (1 + SENSORS_MAX + OUTPUTS_MAX)

struct worker {
    struct watch watch;
    struct table *incoming; /* between CONFIG_BEGIN and CONFIG_END */
    char folder[TEXT_SIZE]; /* of the rings */
    int64_t rings_at;       /* try to open them then */
    bool rings_failed, configured, ready, core_full, stop, out_of_memory;
    struct frame in;
    struct pollfd poll[POLLS]; /* the channel, then the table's entries in their order */
    unsigned polled;           /* entries of the table that .poll speaks of */
};

struct worker *worker_create(void)
{
    return calloc(1, sizeof(struct worker));
}

void worker_destroy(struct worker *worker)
{
    if (!worker)
        return;
    table_destroy(worker->incoming);
    table_destroy(worker->watch.table);
    outbox_destroy(worker->watch.outbox);
    free(worker);
}

static void config_begin(struct worker *worker)
{
    table_destroy(worker->incoming);
    worker->incoming = table_create();
    worker->out_of_memory |= !worker->incoming;
}

static void config_line(struct worker *worker, const struct frame_gpio_line *line, bool output)
{
    if (!worker->incoming)
        log_warning("a line outside the configuration was ignored");
    else if (!table_add(worker->incoming, line, output))
        log_error("%s: too many lines, or out of memory: it is not watched", line->sensor);
}

/* The output's own name stands beside the line. */
static void config_output(struct worker *worker, struct frame_output *output)
{
    text_copy(output->line.sensor, sizeof(output->line.sensor), output->name);
    config_line(worker, &output->line, true);
}

static void config_rings(struct worker *worker, const char *folder)
{
    if (!worker->folder[0])
        text_copy(worker->folder, sizeof(worker->folder), folder);
    else if (strcmp(worker->folder, folder) != 0)
        log_warning("the folder of the rings changes with the next start only");
}

/* Trouble with what is not configured any more is over. */
static void end_old_trouble(struct table *old)
{
    for (unsigned i = 0; old && i < old->n; i++)
        tell_line(&old->entry[i], LINES_OK, 0);
    for (unsigned i = 0; old && i < old->n_chips; i++)
        tell_chip(&old->chip[i], LINES_OK);
}

/* Readings stand in the rings under their sensor's name. */
static void bind_sensors(struct worker *worker)
{
    if (!worker->watch.outbox)
        return;
    outbox_bind_none(worker->watch.outbox);
    for (unsigned i = 0; i < worker->watch.table->n; i++) {
        const struct entry *entry = &worker->watch.table->entry[i];
        if (!entry->output)
            outbox_bind(worker->watch.outbox, entry->want.slot, entry->want.sensor);
    }
}

static void config_end(struct worker *worker)
{
    if (!worker->incoming)
        return;
    unsigned kept = table_adopt(worker->incoming, worker->watch.table);
    if (worker->watch.table)
        log_info("reloaded: %u of %u lines go on untouched", kept, worker->incoming->n);
    end_old_trouble(worker->watch.table);
    table_destroy(worker->watch.table);
    worker->watch.table = worker->incoming;
    worker->incoming = NULL;
    worker->configured = true;
    worker->polled = 0; /* the numbers mean other lines now */
    bind_sensors(worker);
}

static void set_output(struct worker *worker, const struct frame_output_set *set)
{
    struct entry *entry = table_output(worker->watch.table, set->output);
    if (entry)
        watch_set(&worker->watch, entry, set->value != 0, clock_boottime_ms());
}

static void take_frame(struct worker *worker)
{
    struct frame *frame = &worker->in;
    switch (frame->header.type) {
    case FRAME_CONFIG_BEGIN:
        config_begin(worker);
        break;
    case FRAME_GPIO_CONFIG:
        config_rings(worker, frame->gpio_config.ring_dir);
        break;
    case FRAME_GPIO_LINE:
        config_line(worker, &frame->gpio_line, false);
        break;
    case FRAME_OUTPUT:
        config_output(worker, &frame->output);
        break;
    case FRAME_CONFIG_END:
        config_end(worker);
        break;
    case FRAME_CONFIRM:
        if (worker->watch.outbox)
            outbox_confirm(worker->watch.outbox, &frame->confirm);
        break;
    case FRAME_OUTPUT_SET:
        set_output(worker, &frame->output_set);
        break;
    default:
        log_warning("the core sent a frame that is not for this worker: %s", frame_type_name(frame->header.type));
    }
}

static void take_frames(struct worker *worker)
{
    const char *why = "";
    for (int i = 0; i < FRAMES_PER_TURN && !worker->stop && !worker->out_of_memory; i++) {
        switch (channel_receive(CHANNEL_FD, &worker->in, &why)) {
        case CHANNEL_OK:
            take_frame(worker);
            break;
        case CHANNEL_EMPTY:
            return;
        case CHANNEL_CLOSED:
            worker->stop = true;
            break;
        case CHANNEL_BAD:
            log_error("the core sent a bad frame: %s", why);
            break;
        }
    }
}

static void open_rings(struct worker *worker, int64_t now)
{
    if (!worker->configured || worker->watch.outbox || now < worker->rings_at)
        return;
    worker->watch.outbox = outbox_create(worker->folder);
    if (worker->watch.outbox ? worker->rings_failed : !worker->rings_failed)
        tell_rings(worker->folder, worker->watch.outbox ? 0 : errno);
    worker->rings_failed = !worker->watch.outbox;
    bind_sensors(worker);
    worker->rings_at = now + RETRY_MAX_MS;
}

static void say_ready(struct worker *worker)
{
    if (worker->ready || !worker->watch.outbox)
        return;
    worker->ready = true;
    channel_send_wait(CHANNEL_FD, frame_init(&worker->in, FRAME_READY));
}

static void send_readings(struct worker *worker)
{
    if (!worker->watch.outbox)
        return;
    enum channel_result result = outbox_send(worker->watch.outbox, CHANNEL_FD);
    worker->stop |= result == CHANNEL_CLOSED;
    worker->core_full = result == CHANNEL_EMPTY;
    uint32_t dropped = outbox_dropped(worker->watch.outbox);
    if (dropped)
        tell_dropped(dropped);
}

static void serve_lines(struct worker *worker, int64_t now)
{
    struct table *table = worker->watch.table;
    if (!table || !worker->watch.outbox)
        return;
    for (unsigned i = 0; i < table->n; i++)
        watch_serve(&worker->watch, &table->entry[i], i < worker->polled ? worker->poll[1 + i].revents : 0, now);
}

/* Waits until the core or a line has something, or a line is to be looked at. */
static void wait_for_something(struct worker *worker)
{
    int64_t now = clock_boottime_ms(), next = watch_deadline(&worker->watch, now);
    struct table *table = worker->watch.table;
    if (worker->configured && !worker->watch.outbox)
        next = worker->rings_at;
    worker->poll[0] = (struct pollfd){CHANNEL_FD, (short)(POLLIN | (worker->core_full ? POLLOUT : 0)), 0};
    worker->polled = table && worker->watch.outbox ? table->n : 0;
    for (unsigned i = 0; i < worker->polled; i++)
        worker->poll[1 + i] = (struct pollfd){watch_fd(&worker->watch, &table->entry[i], now), POLLIN, 0};
    int timeout = next == SETTLE_NEVER ? -1 : next <= now ? 0 : next - now > INT_MAX ? INT_MAX : (int)(next - now);
    if (poll(worker->poll, 1 + worker->polled, timeout) < 0)
        worker->polled = 0; /* interrupted: revents say nothing */
}

int worker_run(struct worker *worker)
{
    while (!worker->stop && !worker->out_of_memory) {
        wait_for_something(worker);
        take_frames(worker);
        int64_t now = clock_boottime_ms();
        open_rings(worker, now);
        send_readings(worker); /* what a predecessor left goes first */
        watch_retry(&worker->watch, now);
        serve_lines(worker, now);
        watch_check(&worker->watch, now);
        send_readings(worker);
        say_ready(worker);
    }
    if (worker->out_of_memory)
        log_error("out of memory");
    return worker->out_of_memory ? 1 : 0;
}
