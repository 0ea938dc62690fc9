#include "modes.h"

#include <stdio.h>

#include "../base/text.h"
#include "alerts.h"
#include "alerts_private.h"
#include "feed.h"
#include "outbox.h"
#include "own.h"
#include "store_link.h"
#include "timeline.h"
#include "uplinks.h"

#define MODES       4u
#define MODE_MINUTE INT64_C(60000)
#define MODE_HOUR   (60 * MODE_MINUTE)
#define MODE_DAY    (24 * MODE_HOUR)
#define MODE_AGAIN  (6 * MODE_HOUR) /* a mode that lasts is logged this often: detectors look back over a day or so */

/* How long a mode lasts when nobody says, and at most: one that was forgotten must not lie for ever. */
static const struct {
    const char *name, *alert;
    int64_t customary, most;
    const char *en, *zh;
} modes[MODES] = {
    [GW_MODE_HOME] = {"home", NULL, 0, 0, NULL, NULL},
    [GW_MODE_AWAY] = {"away", "mode-away", MODE_DAY, 60 * MODE_DAY, "Nobody is at home", "家中无人"},
    [GW_MODE_VISIT] = {"visit", "mode-visit", 4 * MODE_HOUR, 12 * MODE_HOUR, "A carer is in the home",
                       "护理人员在家中"},
    [GW_MODE_MAINTENANCE] = {"maintenance", "mode-maintenance", 2 * MODE_HOUR, 8 * MODE_HOUR,
                             "A technician works on the installation", "技术人员正在维护设备"},
};

/* Which of several that hold at a time is the home's. */
static const uint32_t by_weight[] = {GW_MODE_MAINTENANCE, GW_MODE_VISIT, GW_MODE_AWAY};

int modes_by_name(const char *name)
{
    for (unsigned i = 0; i < MODES; i++)
        if (strcmp(modes[i].name, name) == 0)
            return (int)i;
    return -1;
}

const char *modes_answer(enum mode_answer answer)
{
    switch (answer) {
    case MODE_OK:
        return "ok";
    case MODE_TOO_LONG:
        return "that is too long: away lasts 60 days at most, visit 12 h, maintenance 8 h";
    case MODE_NOT_NOW:
        return "not now: the gateway is just starting, or has too many open alerts";
    default:
        return "the modes are home, away, visit and maintenance";
    }
}

void modes_dirty(struct core *core)
{
    core->mode_dirty = true;
}

void modes_visit_over(struct core *core)
{
    core->visit_over = true;
    modes_dirty(core);
}

static uint32_t ordered(const struct alert *alert)
{
    if (alert->class_ != GW_INFO || strcmp(alert->detector, GATEWAY) != 0)
        return GW_MODE_HOME;
    for (uint32_t i = 0; i < MODES; i++)
        if (modes[i].alert && strcmp(alert->kind, modes[i].alert) == 0)
            return i;
    return GW_MODE_HOME;
}

/* The mode that an alert is about: an order, or a carer's visit. A visit that began because the mode was ordered says
 * nothing of its own, or the two would hold each other for ever. */
static uint32_t mode_of(const struct alert *alert)
{
    bool real = alert->flags & ALERT_VISIT && !(alert->flags & ALERT_TEST);
    bool echo = alert->n_evidence > 0 && alert->evidence[0].type == GW_MODE;
    return real && !echo ? GW_MODE_VISIT : ordered(alert);
}

static bool holds(const struct alert_slot *slot)
{
    return slot->used && !alerts_over(&slot->alert) && !(slot->alert.flags & ALERT_ENDED);
}

/* All of them: one may have come with a store that was late, beside one that was ordered meanwhile. */
static void end_ordered(struct core *core, uint32_t mode)
{
    for (unsigned i = 0; i < core->alerts_top; i++)
        if (holds(&core->alerts[i]) && ordered(&core->alerts[i].alert) == mode)
            alerts_end_condition(core, &core->alerts[i], ALERT_CLEARED, NULL);
}

/* The visits go on, and the mode is home all the same. It is kept with them: a restart must not forget it. */
static void release_visits(struct core *core)
{
    core->home_ordered = timeline_now(core);
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (!holds(s) || !(s->alert.flags & ALERT_VISIT) || s->alert.flags & ALERT_NO_MODE)
            continue;
        s->alert.flags |= ALERT_NO_MODE;
        outbox_store_state(core, s);
    }
}

enum mode_answer modes_order(struct core *core, uint32_t mode, int64_t for_ms, const char *by)
{
    if (mode >= MODES)
        return MODE_UNKNOWN;
    int64_t lasts = for_ms > 0 ? for_ms : modes[mode].customary;
    if (mode != GW_MODE_HOME && lasts > modes[mode].most)
        return MODE_TOO_LONG;
    for (uint32_t i = GW_MODE_HOME + 1; i < MODES; i++)
        if (mode == GW_MODE_HOME || i == mode)
            end_ordered(core, i);
    modes_dirty(core);
    if (mode == GW_MODE_HOME) {
        release_visits(core);
        return MODE_OK;
    }
    /* In whole minutes: the limit is read back from the alert after a restart. */
    int64_t minutes = (lasts + MODE_MINUTE - 1) / MODE_MINUTE;
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], limit[NAME_SIZE], who[NAME_SIZE];
    text_copy(who, sizeof(who), by);
    snprintf(limit, sizeof(limit), "%lld min", (long long)minutes);
    snprintf(en, sizeof(en), "%s (said by %s, for at most %s).", modes[mode].en, who, limit);
    snprintf(zh, sizeof(zh), "%s（由 %s 设置，最长 %lld 分钟）。", modes[mode].zh, who, (long long)minutes);
    const struct own_alert own = {.kind = modes[mode].alert,
                                  .key = "",
                                  .class_ = GW_INFO,
                                  .code = "0031 0102",
                                  .limit = limit,
                                  .renew = true,
                                  .text_en = en,
                                  .text_zh = zh};
    return own_raise(core, &own) ? MODE_OK : MODE_NOT_NOW;
}

/* Log time at which an ordered mode ends by itself. When the log's clock went forward at the first sync no time passed.
 */
static int64_t ends_at(const struct core *core, const struct alert *alert)
{
    const struct timeline *t = &core->timeline;
    int64_t lasts = 0;
    bool jumped = alert->boot == t->boot && alert->since < t->raised_from;
    if (!text_duration(alert->limit, &lasts) || lasts <= 0)
        return alert->since;
    return alert->since + lasts + (jumped ? t->raised_by : 0);
}

static uint32_t current(const struct core *core)
{
    uint32_t held = 0;
    for (unsigned i = 0; i < core->alerts_top; i++) {
        const struct alert *a = &core->alerts[i].alert;
        bool ended_by_order = a->flags & ALERT_VISIT && (a->flags & ALERT_NO_MODE || a->since <= core->home_ordered);
        if (holds(&core->alerts[i]) && !ended_by_order)
            held |= 1u << mode_of(a);
    }
    for (unsigned i = 0; i < sizeof(by_weight) / sizeof(by_weight[0]); i++)
        if (held >> by_weight[i] & 1u)
            return by_weight[i];
    return GW_MODE_HOME;
}

static void tell(struct core *core)
{
    timeline_append_home(core, GW_MODE, core->mode);
    core->mode_told = timeline_now(core);
    uplinks_status(core);
    feed_pump(core);
    store_link_pump(core);
}

void modes_loaded(struct core *core)
{
    bool unsure = core->store.alerts_file != STORE_FILE_OK && core->timeline.next_id > 1;
    for (unsigned i = 0; i < core->alerts_top; i++)
        unsure |= core->alerts[i].used && mode_of(&core->alerts[i].alert) != GW_MODE_HOME;
    core->mode_unsure = unsure;
    modes_dirty(core);
}

static void end_overdue(struct core *core)
{
    for (unsigned i = 0; i < core->alerts_top; i++) {
        struct alert_slot *s = &core->alerts[i];
        if (ordered(&s->alert) != GW_MODE_HOME && holds(s) && ends_at(core, &s->alert) <= timeline_now(core))
            alerts_end_condition(core, s, ALERT_CLEARED, NULL);
    }
}

void modes_tick(struct core *core)
{
    if (core->visit_over) { /* who checked out is gone, whoever had ordered the mode */
        core->visit_over = false;
        end_ordered(core, GW_MODE_VISIT);
    }
    end_overdue(core);
    if (core->mode_dirty) {
        core->mode_dirty = false;
        uint32_t now = current(core);
        bool changed = now != core->mode;
        if (changed)
            core_log(core, 5, "mode %s", modes[now].name);
        core->mode = now;
        if (changed || core->mode_unsure)
            tell(core);
        core->mode_unsure = false;
    }
    if (core->mode != GW_MODE_HOME && timeline_now(core) - core->mode_told >= MODE_AGAIN)
        tell(core);
}

int64_t modes_deadline(const struct core *core)
{
    if (core->mode_dirty || core->visit_over)
        return core->now;
    int64_t due = core->mode != GW_MODE_HOME ? core->mode_told + MODE_AGAIN : NEVER;
    for (unsigned i = 0; i < core->alerts_top && due != NEVER; i++) {
        const struct alert_slot *s = &core->alerts[i];
        if (ordered(&s->alert) != GW_MODE_HOME && holds(s) && ends_at(core, &s->alert) < due)
            due = ends_at(core, &s->alert);
    }
    return due == NEVER ? NEVER : due - core->timeline.offset;
}
