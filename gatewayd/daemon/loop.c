#include "daemon/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>

#include "base/log.h"
#include "base/text.h"
#include "core/core.h"
#include "daemon/clockwatch.h"
#include "daemon/control.h"
#include "daemon/hub.h"
#include "daemon/notify.h"
#include "daemon/priorities.h"
#include "daemon/reload.h"
#include "daemon/workers.h"

#define STOP_MS         5000               /* for the core to bring its open work to the disk */
#define HUB_US          UINT64_C(60000000) /* the hub's own health changes slowly ... */
#define HUB_ACCURACY_US UINT64_C(10000000) /* ... and waits for another wake-up */
#define END_MS          3000               /* then for the workers to end by themselves */

enum phase { RUNNING, STOPPING, ENDING };

struct loop {
    sd_event *event;
    const struct options *options;
    struct settings *settings;
    struct core *core;
    struct workers *workers;
    struct control *control;
    struct reload *reload;
    struct clockwatch *clock;
    struct hub *hub;
    struct notify *notify;
    sd_event_source *timer, *term, *intr, *hup, *hub_timer;
    struct frame scratch; /* every frame that is received lies here in its turn */
    enum phase phase;
    int64_t phase_ends; /* STOPPING, ENDING: boottime ms */
    int64_t armed;      /* what the timer is set to */
    bool is_ready, fallback, refused;
    bool reload_wanted;
    unsigned reload_client;
    uint64_t reload_serial; /* of the client that waits for the answer; 0: none */
};

/* ---- what the core orders ---- */

static void port_send(void *context, unsigned worker, const struct frame *frame)
{
    workers_send(((struct loop *)context)->workers, worker, frame);
}

static void port_start(void *context, unsigned worker, enum worker_role role, const char *name)
{
    workers_start(((struct loop *)context)->workers, worker, role, name);
}

static void port_kill(void *context, unsigned worker)
{
    workers_kill(((struct loop *)context)->workers, worker);
}

static bool port_reply(void *context, unsigned client, const struct frame *frame)
{
    return control_reply(((struct loop *)context)->control, client, frame);
}

static void say_running(const struct loop *loop)
{
    notify_state(loop->notify, "READY=1\nSTATUS=%u sensors, %u detectors, %u uplinks%s", loop->settings->n_sensors,
                 loop->settings->n_detectors, loop->settings->n_uplinks,
                 loop->fallback ? "; the last accepted configuration runs, the file has errors" : "");
}

static void port_ready(void *context)
{
    struct loop *loop = context;
    loop->is_ready = true;
    say_running(loop);
    log_info("ready");
}

static void port_want_reload(void *context, unsigned client)
{
    struct loop *loop = context;
    uint64_t serial = control_serial(loop->control, client);
    if (serial && (loop->reload_serial || loop->phase != RUNNING)) {
        control_end(loop->control, client, serial, false,
                    loop->reload_serial ? "another reload is under way; try again in a few seconds"
                                        : "the gateway is ending");
        return;
    }
    loop->reload_wanted = true; /* started from the loop: it may have to tell the core of a failure */
    if (serial) {
        loop->reload_client = client;
        loop->reload_serial = serial;
    }
}

static void port_log(void *context, int level, const char *text)
{
    (void)context;
    log_line((enum log_level)level, "%s", text);
}

/* ---- what happens ---- */

static void on_frame(void *context, unsigned worker, const struct frame *frame)
{
    core_frame(((struct loop *)context)->core, clock_boottime_ms(), worker, frame);
}

static void on_bad(void *context, unsigned worker, const char *why)
{
    core_bad_worker(((struct loop *)context)->core, clock_boottime_ms(), worker, why);
}

static void on_exited(void *context, unsigned worker, struct worker_death death)
{
    core_exited(((struct loop *)context)->core, clock_boottime_ms(), worker, death);
}

static void on_request(void *context, unsigned client, const struct frame *frame)
{
    core_client(((struct loop *)context)->core, clock_boottime_ms(), client, frame);
}

static void on_gone(void *context, unsigned client)
{
    core_client_gone(((struct loop *)context)->core, clock_boottime_ms(), client);
}

static void on_clock(void *context, int64_t wall, enum clock_quality quality)
{
    struct loop *loop = context;
    if (loop->phase == RUNNING)
        core_wall(loop->core, clock_boottime_ms(), wall, quality);
}

static void on_hub(void *context, const struct frame_trouble *trouble)
{
    struct loop *loop = context;
    core_trouble(loop->core, clock_boottime_ms(), trouble);
}

static int on_hub_timer(sd_event_source *source, uint64_t usec, void *context)
{
    (void)usec;
    struct loop *loop = context;
    if (loop->phase == RUNNING)
        hub_look(loop->hub, clock_boottime_ms());
    sd_event_source_set_time_relative(source, HUB_US);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
    (void)source, (void)usec;
    struct loop *loop = context;
    loop->armed = INT64_MAX; /* one-shot */
    if (loop->phase != ENDING)
        core_tick(loop->core, clock_boottime_ms());
    return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    (void)source;
    struct loop *loop = context;
    if (loop->phase != RUNNING)
        return 0;
    log_notice("%s: ending", info->ssi_signo == SIGINT ? "interrupted" : "told to end");
    notify_state(loop->notify, "STOPPING=1\nSTATUS=ending");
    loop->phase = STOPPING;
    loop->phase_ends = clock_boottime_ms() + STOP_MS;
    return 0;
}

static int on_hup(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
    (void)source, (void)info;
    ((struct loop *)context)->reload_wanted = true;
    return 0;
}

/* ---- reload ---- */

static void trouble(struct loop *loop, const char *kind, bool active, const char *en, const char *zh, const char *error)
{
    struct frame_trouble what = {.active = active, .alert = 1};
    char text[2 * TEXT_SIZE + GW_MAX_TEXT];
    text_copy(what.subject, sizeof what.subject, "configuration");
    text_copy(what.kind, sizeof what.kind, kind);
    snprintf(text, sizeof text, "%s%s%s", en, error[0] ? ": " : "", error);
    text_copy(what.text_en, sizeof what.text_en, text);
    snprintf(text, sizeof text, "%s%s%s", zh, error[0] ? "：" : "", error);
    text_copy(what.text_zh, sizeof what.text_zh, text);
    core_trouble(loop->core, clock_boottime_ms(), &what);
}

static void answer_reload(struct loop *loop, bool ok, const char *text)
{
    control_end(loop->control, loop->reload_client, loop->reload_serial, ok, text);
    loop->reload_serial = 0;
    if (loop->is_ready)
        say_running(loop); /* systemd waits for it after RELOADING */
}

static void refuse_reload(struct loop *loop, const char *first, const char *text)
{
    log_error("reload refused, nothing has changed: %s", first);
    loop->refused = true;
    trouble(loop, "reload-refused", true, "The new configuration was refused and the old one goes on",
            "新配置未被接受，网关继续使用原配置", first);
    answer_reload(loop, false, text);
}

static void accept_reload(struct loop *loop, struct settings *fresh)
{
    struct settings *old = loop->settings;
    loop->settings = fresh;
    settings_free(old); /* the core has let go of it */
    workers_set_timezone(loop->workers, fresh->timezone);
    control_set_group(loop->control, fresh->control_group);
    if (loop->refused)
        trouble(loop, "reload-refused", false, "The configuration was accepted", "配置已被接受", "");
    if (loop->fallback)
        trouble(loop, "config-fallback", false, "The configuration was accepted", "配置已被接受", "");
    loop->refused = loop->fallback = false;
    log_notice("configuration loaded again");
    answer_reload(loop, true, "the configuration was loaded again");
}

static void on_checked(void *context, const struct reload_result *result)
{
    struct loop *loop = context;
    if (loop->phase != RUNNING)
        return;
    if (!result->good) {
        refuse_reload(loop, result->first, result->text);
        return;
    }
    char error[TEXT_SIZE] = "";
    struct settings *fresh = load_again(loop->options, error, sizeof error);
    if (!fresh) {
        refuse_reload(loop, error, error);
    } else if (core_reload(loop->core, clock_boottime_ms(), fresh) < 0) {
        settings_free(fresh);
        const char *why = "too many sensors, with all that had a name since the start: restart gatewayd to take it up";
        refuse_reload(loop, why, why);
    } else {
        accept_reload(loop, fresh);
    }
}

static void start_reload(struct loop *loop)
{
    loop->reload_wanted = false;
    if (loop->is_ready) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        notify_state(loop->notify, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=checking the configuration",
                     (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    }
    if (!reload_start(loop->reload))
        refuse_reload(loop, "the check could not be started", strerror(errno));
}

/* ---- the loop ---- */

static void advance_end(struct loop *loop)
{
    int64_t now = clock_boottime_ms();
    if (loop->phase == STOPPING && (core_stopping(loop->core, now) || now >= loop->phase_ends)) {
        workers_close(loop->workers);
        loop->phase = ENDING;
        loop->phase_ends = now + END_MS;
    }
    if (loop->phase == ENDING && (!workers_running(loop->workers) || now >= loop->phase_ends))
        sd_event_exit(loop->event, EXIT_SUCCESS);
}

static int arm_timer(struct loop *loop)
{
    int64_t at = loop->phase == ENDING ? INT64_MAX : core_deadline(loop->core);
    if (loop->phase != RUNNING && loop->phase_ends < at)
        at = loop->phase_ends;
    if (at == loop->armed)
        return 0;
    loop->armed = at;
    if (at == INT64_MAX)
        return sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
    int r = sd_event_source_set_time(loop->timer, at > 0 ? (uint64_t)at * 1000 : 0);
    return r < 0 ? r : sd_event_source_set_enabled(loop->timer, SD_EVENT_ONESHOT);
}

int loop_run(struct loop *loop)
{
    while (sd_event_get_state(loop->event) != SD_EVENT_FINISHED) {
        if (loop->reload_wanted && loop->phase == RUNNING && !reload_running(loop->reload))
            start_reload(loop);
        if (loop->phase != RUNNING)
            advance_end(loop);
        int r = arm_timer(loop);
        if (r >= 0)
            r = sd_event_run(loop->event, UINT64_MAX);
        if (r < 0) {
            log_error("the event loop failed: %s", strerror(-r));
            return EXIT_CONFIG;
        }
    }
    return EXIT_SUCCESS;
}

/* ---- from nothing to running and back ---- */

void loop_block_signals(void)
{
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGTERM);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGHUP);
    sigaddset(&ours, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ours, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int add_signal(struct loop *loop, sd_event_source **source, int number, sd_event_signal_handler_t handler)
{
    int r = sd_event_add_signal(loop->event, source, number, handler, loop);
    return r < 0 ? r : sd_event_source_set_priority(*source, PRIORITY_SIGNAL);
}

static int add_sources(struct loop *loop)
{
    int r = sd_event_new(&loop->event);
    if (r >= 0)
        r = sd_event_add_time(loop->event, &loop->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, loop);
    if (r >= 0)
        r = sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_source_set_priority(loop->timer, PRIORITY_TIMER);
    if (r >= 0)
        r = add_signal(loop, &loop->term, SIGTERM, on_stop);
    if (r >= 0)
        r = add_signal(loop, &loop->intr, SIGINT, on_stop);
    if (r >= 0)
        r = add_signal(loop, &loop->hup, SIGHUP, on_hup);
    if (r >= 0 && !(loop->notify = notify_create(loop->event)))
        r = -errno;
    if (r < 0)
        log_error("cannot build the event loop: %s", strerror(-r));
    return r;
}

static int add_parts(struct loop *loop)
{
    const struct workers_sink workers_sink = {loop, on_frame, on_bad, on_exited};
    const struct control_sink control_sink = {loop, on_request, on_gone};
    char path[PATH_MAX], error[PATH_MAX + 128] = "out of memory";
    snprintf(path, sizeof path, "%s/control.sock", loop->options->run_dir);
    if (mkdir(loop->options->run_dir, 0755) < 0 && errno != EEXIST)
        snprintf(error, sizeof error, "cannot make %s: %s", loop->options->run_dir, strerror(errno));
    else if ((loop->control = control_create(loop->event, path, loop->settings->control_group, &loop->scratch,
                                             &control_sink, error, sizeof error)) &&
             (loop->workers = workers_create(loop->event, loop->options->libexec, &loop->scratch, &workers_sink)) &&
             (loop->reload = reload_create(loop->event, loop->options, on_checked, loop))) {
        workers_set_timezone(loop->workers, loop->settings->timezone);
        return 0;
    }
    log_error("%s", error);
    return -1;
}

static int add_core(struct loop *loop, const struct loaded *loaded)
{
    const struct core_port port = {loop,       port_send,  port_start,       port_kill,
                                   port_reply, port_ready, port_want_reload, port_log};
    char boot_id[37] = "";
    if (clock_boot_id(boot_id) < 0) {
        log_error("cannot read the boot id: %s", strerror(errno));
        return -1;
    }
    const struct core_start start = {
        .now = clock_boottime_ms(),
        .boot_id = boot_id,
        .run_dir = loop->options->run_dir,
        .config_fallback = loaded->fallback,
        .config_error = loaded->error[0] ? loaded->error : NULL,
    };
    loop->fallback = loaded->fallback;
    loop->core = core_create(loop->settings, &port, &start);
    if (!loop->core) {
        log_error("out of memory");
        return -1;
    }
    /* Only now: its first call is for the core. */
    loop->clock = clockwatch_create(loop->event, on_clock, loop);
    if (!loop->clock)
        log_error("cannot watch the wall clock: %s", strerror(errno));
    return loop->clock ? 0 : -1;
}

static int add_hub(struct loop *loop)
{
    loop->hub = hub_create("/sys", loop->options->state_dir, on_hub, loop);
    int r = loop->hub ? 0 : -ENOMEM;
    if (r >= 0)
        r = sd_event_add_time_relative(loop->event, &loop->hub_timer, CLOCK_BOOTTIME, HUB_US, HUB_ACCURACY_US,
                                       on_hub_timer, loop);
    if (r < 0)
        log_error("cannot watch the hub itself: %s", strerror(-r));
    return r;
}

struct loop *loop_create(const struct options *options, struct loaded *loaded)
{
    struct loop *loop = calloc(1, sizeof *loop);
    if (!loop) {
        settings_free(loaded->settings);
        loaded->settings = NULL;
        return NULL;
    }
    loop->options = options;
    loop->settings = loaded->settings;
    loaded->settings = NULL;
    loop->armed = INT64_MAX;
    if (add_sources(loop) < 0 || add_parts(loop) < 0 || add_core(loop, loaded) < 0 || add_hub(loop) < 0) {
        loop_destroy(loop);
        return NULL;
    }
    return loop;
}

void loop_destroy(struct loop *loop)
{
    if (!loop)
        return;
    sd_event_source_disable_unref(loop->hub_timer);
    hub_destroy(loop->hub);
    clockwatch_destroy(loop->clock);
    reload_destroy(loop->reload);
    control_destroy(loop->control);
    workers_destroy(loop->workers);
    core_destroy(loop->core);
    notify_destroy(loop->notify);
    sd_event_source_disable_unref(loop->hup);
    sd_event_source_disable_unref(loop->intr);
    sd_event_source_disable_unref(loop->term);
    sd_event_source_disable_unref(loop->timer);
    sd_event_unref(loop->event);
    settings_free(loop->settings);
    free(loop);
}
