#include "roles.h"

#include "../base/text.h"
#include "control.h"
#include "delivery.h"
#include "detectors.h"
#include "feed.h"
#include "outbox.h"
#include "outputs.h"
#include "sensors.h"
#include "service.h"
#include "sources.h"
#include "store_link.h"
#include "supervisor.h"
#include "technical.h"
#include "timeline.h"
#include "uplinks.h"

void roles_started(struct core *core, unsigned worker)
{
    switch (core->workers[worker].role) {
    case ROLE_STORE:
        store_link_configure(core);
        break;
    case ROLE_GPIO:
        sources_configure(core, SOURCE_GPIO);
        break;
    case ROLE_MQTT:
        sources_configure(core, SOURCE_MQTT);
        break;
    case ROLE_UPLINK:
        uplinks_configure(core, worker - WORKER_UPLINK_0);
        break;
    default:
        detectors_configure(core, detectors_of_worker(core, worker));
        break;
    }
}

static void store_ready(struct core *core)
{
    bool first = !core->store.loaded;
    core->store.loaded = core->store.ready = true;
    core->store.asked_at = NEVER;
    timeline_tell_store(core);
    if (first)
        service_store_loaded(core);
    outbox_recommit(core);
    store_link_pump(core);
    sources_confirm(core);
    feed_pump(core);
}

static void source_ready(struct core *core, enum source_type source)
{
    /* The ring file outlived the process: say again what may be forgotten. */
    for (int urgent = 0; urgent < 2; urgent++)
        core->source_rings[source][urgent].durable = core->source_rings[source][urgent].handled = 0;
    sources_confirm(core);
    if (source == SOURCE_GPIO) {
        outputs_forget(core);
        outputs_refresh(core);
    }
}

void roles_ready(struct core *core, unsigned worker)
{
    uplinks_status(core);
    switch (core->workers[worker].role) {
    case ROLE_STORE:
        store_ready(core);
        break;
    case ROLE_GPIO:
        source_ready(core, SOURCE_GPIO);
        break;
    case ROLE_MQTT:
        source_ready(core, SOURCE_MQTT);
        break;
    case ROLE_UPLINK:
        delivery_pump(core);
        break;
    default:
        detectors_ready(core, detectors_of_worker(core, worker));
        break;
    }
}

void roles_down(struct core *core, unsigned worker)
{
    uplinks_status(core);
    technical_forget_worker(core, worker);
    switch (core->workers[worker].role) {
    case ROLE_STORE:
        store_link_down(core);
        break;
    case ROLE_GPIO:
        sensors_source_down(core, SOURCE_GPIO);
        break;
    case ROLE_MQTT:
        sensors_source_down(core, SOURCE_MQTT);
        break;
    case ROLE_UPLINK:
        uplinks_down(core, worker - WORKER_UPLINK_0);
        break;
    default:
        detectors_down(core, detectors_of_worker(core, worker));
        break;
    }
}

static void source_frame(struct core *core, unsigned worker, enum source_type source, const struct frame *frame)
{
    const char *why = NULL;
    if (frame->header.type == FRAME_SENSOR_NOTE)
        sensors_note(core, &frame->sensor_note);
    else if (frame->header.type != FRAME_READINGS)
        supervisor_bad(core, worker, "sent a frame that a source does not send");
    else if (!sources_readings(core, source, &frame->readings, &why))
        supervisor_bad(core, worker, why);
}

static void role_frame(struct core *core, unsigned worker, const struct frame *frame)
{
    switch (core->workers[worker].role) {
    case ROLE_STORE:
        store_link_frame(core, frame);
        break;
    case ROLE_GPIO:
        source_frame(core, worker, SOURCE_GPIO, frame);
        break;
    case ROLE_MQTT:
        source_frame(core, worker, SOURCE_MQTT, frame);
        break;
    case ROLE_UPLINK:
        uplinks_frame(core, worker - WORKER_UPLINK_0, frame);
        break;
    default:
        detectors_frame(core, detectors_of_worker(core, worker), frame);
        break;
    }
}

void roles_frame(struct core *core, unsigned worker, const struct frame *frame)
{
    struct worker *w = &core->workers[worker];
    if (w->state != WORKER_STARTING && w->state != WORKER_RUNNING)
        return; /* said before it was killed */
    supervisor_heard(core, worker);
    switch (frame->header.type) {
    case FRAME_HELLO:
        w->pid = frame->hello.pid;
        break;
    case FRAME_PONG:
        break;
    case FRAME_READY:
        if (w->role == ROLE_STORE && !core->store.told)
            supervisor_bad(core, worker, "says that it is ready before it has told its state");
        else
            supervisor_ready(core, worker);
        break;
    case FRAME_FAILED:
        supervisor_failed(core, worker, frame->text.text);
        break;
    case FRAME_TROUBLE:
        if (w->role == ROLE_DETECTOR)
            role_frame(core, worker, frame); /* what it has to say of troubles are alerts of its own */
        else
            technical_trouble(core, worker, &frame->trouble);
        break;
    default:
        role_frame(core, worker, frame);
        break;
    }
}
