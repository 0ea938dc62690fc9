#include "selftest.h"

#include <stdio.h>

#include "../base/hash.h"
#include "answers.h"
#include "own.h"
#include "technical.h"
#include "timeline.h"

#define TEST_ALARM "test-alarm"
#define DAY_MS     INT64_C(86400000)
#define APART      (DAY_MS / 2) /* at least: a clock that is set does not make a second one at once */
#define MINUTE_MS  INT64_C(60000)

/* Each home has its own minute of the day (it is silent, so the night is as good), or a county tests at once. */
static int64_t shift(const struct core *core)
{
    const struct settings *s = core->settings;
    uint64_t name = hash_text(hash_text(hash_text(HASH_START, s->county), s->village), s->home);
    return (int64_t)(name % 1440) * MINUTE_MS;
}

static int64_t day_of(const struct core *core, int64_t log)
{
    return (log + core->timeline.wall_minus_log - shift(core)) / DAY_MS;
}

static bool wanted(const struct core *core)
{
    return core->settings->daily_test && core->settings->n_uplinks > 0;
}

void selftest_run(struct core *core)
{
    struct own_alert own = {.kind = TEST_ALARM,
                            .key = "",
                            .class_ = GW_EMERGENCY,
                            .flags = ALERT_TEST,
                            .code = "0031 0102",
                            .renew = true,
                            .text_en = "Silent test alarm: to be answered by the platform's computer, by nobody else.",
                            .text_zh = "静默测试报警：由平台系统自动应答，无需人员处理。"};
    own_clear(core, TEST_ALARM, "");
    core->selftest.made = timeline_now(core);
    if (own_raise(core, &own))
        core->selftest.since = core->now;
}

static void answered(struct core *core, struct alert_slot *slot)
{
    technical_clear(core, "test-unanswered", "");
    core->selftest.since = 0;
    answers_close(core, slot->alert.id, "gateway", "");
}

/* A link was up for as long as the platform has for its answer. */
static bool had_its_time(const struct core *core)
{
    for (unsigned i = 0; i < UPLINKS_MAX; i++) {
        const struct uplink *u = &core->uplinks[i];
        if (u->settings && !u->settings->backup && u->up && core->now - u->since >= TEST_UNANSWERED)
            return true;
    }
    return false;
}

static void unanswered(struct core *core, struct alert_slot *slot)
{
    core->selftest.since = 0;
    answers_close(core, slot->alert.id, "gateway", "");
    if (!had_its_time(core))
        return; /* that no link is up is told by itself */
    technical_raise(core, "test-unanswered", "", "The platform has not answered the silent test alarm for 5 minutes.",
                    "平台 5 分钟内未应答静默测试报警。");
}

void selftest_tick(struct core *core)
{
    struct selftest *t = &core->selftest;
    int64_t today = day_of(core, timeline_now(core));
    if (t->day == 0 &&
        wanted(core)) /* whether today's was made before a restart is not known: tomorrow is soon enough */
        t->day = today;
    if (wanted(core) && today != t->day && timeline_now(core) - t->made >= APART) {
        t->day = today;
        selftest_run(core);
    }
    struct alert_slot *open = own_find(core, TEST_ALARM, "");
    if (!open) { /* closed by the platform: an answer too */
        if (t->since != 0)
            technical_clear(core, "test-unanswered", "");
        t->since = 0;
        return;
    }
    if (t->since == 0)
        t->since = core->now; /* from a former run */
    if (open->alert.flags & (ALERT_ACCEPTED_ONCE | ALERT_ACKED))
        answered(core, open);
    else if (core->now - t->since >= TEST_UNANSWERED)
        unanswered(core, open);
}

int64_t selftest_deadline(const struct core *core)
{
    const struct selftest *t = &core->selftest;
    int64_t due = NEVER;
    if (wanted(core) && t->day != 0) {
        bool due_by_date = day_of(core, timeline_now(core)) != t->day;
        int64_t log =
            due_by_date ? t->made + APART : (t->day + 1) * DAY_MS + shift(core) - core->timeline.wall_minus_log;
        due = log - core->timeline.offset;
    }
    int64_t silence = t->since ? t->since + TEST_UNANSWERED : NEVER;
    due = silence < due ? silence : due;
    return due > core->now || due == NEVER ? due : core->now;
}
