#include "settle.h"

#include "gatewayd/plugin.h"

#define TOKEN 1000 /* one change; the bucket is kept in thousandths: SETTLE_PER_SECOND of these come every ms */

static void refill(struct settle *settle, int64_t now)
{
    int64_t gained = (now - settle->refilled) * SETTLE_PER_SECOND;
    settle->refilled = now;
    settle->tokens =
        gained > SETTLE_BURST * TOKEN - settle->tokens ? SETTLE_BURST * TOKEN : settle->tokens + (int)gained;
}

static bool take(struct settle *settle, int64_t now)
{
    refill(settle, now);
    if (settle->tokens < TOKEN)
        return false;
    settle->tokens -= TOKEN;
    return true;
}

static int64_t next_token(const struct settle *settle, int64_t now)
{
    return now + (TOKEN - settle->tokens + SETTLE_PER_SECOND - 1) / SETTLE_PER_SECOND;
}

static void rest(struct settle *settle, int level)
{
    settle->said = level;
    settle->pending = -1;
    settle->due = SETTLE_NEVER;
    settle->restless = SETTLE_NEVER;
    settle->bounces = 0;
    settle->blurred = settle->lost = false;
}

struct settle_level settle_first(struct settle *settle, int64_t debounce, int64_t now, int level)
{
    uint32_t coalesced = settle->coalesced;
    *settle = (struct settle){.debounce = debounce, .refilled = now, .tokens = SETTLE_BURST * TOKEN};
    settle->coalesced = coalesced;
    rest(settle, level);
    return (struct settle_level){.at = now, .level = level, .flags = GW_INITIAL};
}

static void coalesce(struct settle *settle, int64_t now)
{
    settle->coalesced++;
    settle->blurred = true;
    if (settle->due == SETTLE_NEVER)
        settle->due = next_token(settle, now);
}

/* Begin the quiet time anew, unless the line has been restless for so long that it must be looked at anyway. */
static void wait_for_quiet(struct settle *settle, int64_t at)
{
    if (settle->restless == SETTLE_NEVER)
        settle->restless = at;
    int64_t last = settle->restless + SETTLE_RESTLESS * settle->debounce;
    settle->due = at + settle->debounce < last ? at + settle->debounce : last;
}

bool settle_edge(struct settle *settle, int64_t now, int64_t at, int level, struct settle_level *out)
{
    if (settle->debounce == 0 && level == settle->said && settle->pending < 0)
        return false; /* a first or repeated level seen a second time, as an edge */
    settle->pending = level;
    settle->pending_at = at;
    if (settle->debounce > 0) {
        settle->bounces++;
        wait_for_quiet(settle, at);
        return false;
    }
    if (settle->blurred || !take(settle, now)) { /* blurred: the look that is due tells what comes out of it */
        coalesce(settle, now);
        return false;
    }
    *out = (struct settle_level){.at = at, .level = level};
    rest(settle, level);
    return true;
}

void settle_lost(struct settle *settle, int64_t now)
{
    settle->lost = settle->blurred = true;
    if (settle->debounce > 0)
        wait_for_quiet(settle, now);
    else if (settle->due > now)
        settle->due = now;
}

bool settle_look(struct settle *settle, int64_t now, int level, struct settle_level *out)
{
    settle->due = SETTLE_NEVER;
    if (settle->debounce > 0 && settle->pending >= 0 && level != settle->pending &&
        now < settle->restless + SETTLE_RESTLESS * settle->debounce) {
        settle->pending = level; /* it moved and the edge has not come, or never will: one more quiet time */
        settle->pending_at = now;
        settle->blurred = true;
        wait_for_quiet(settle, now);
        return false;
    }
    if (level == settle->said && !settle->lost) {
        rest(settle, level);
        return false;
    }
    if (!take(settle, now)) {
        settle->blurred = true;
        settle->due = next_token(settle, now);
        return false;
    }
    bool seen = settle->pending == level && !settle->blurred;
    *out = (struct settle_level){.at = settle->pending == level && !settle->lost ? settle->pending_at : now,
                                 .level = level,
                                 .flags = seen ? 0 : GW_REREAD};
    rest(settle, level);
    return true;
}

void settle_check(struct settle *settle, int64_t now, int level)
{
    if (settle->due != SETTLE_NEVER || level == settle->said)
        return;
    settle->due = now + SETTLE_GRACE_MS;
}

bool settle_muted(const struct settle *settle, int64_t now)
{
    if (settle->due == SETTLE_NEVER || settle->due <= now)
        return false;
    return settle->debounce > 0 ? settle->bounces > SETTLE_BURST : settle->blurred && settle->tokens < TOKEN;
}
