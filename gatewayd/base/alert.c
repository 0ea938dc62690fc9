#include "alert.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "hash.h"
#include "text.h"

static const char *const state_names[] = {
    [ALERT_RAISED] = "raised",   [ALERT_ACCEPTED] = "accepted",   [ALERT_ACKNOWLEDGED] = "acknowledged",
    [ALERT_CLEARED] = "cleared", [ALERT_CANCELLED] = "cancelled", [ALERT_CLOSED] = "closed",
};
static const char *const class_names[] = {
    [GW_EMERGENCY] = "emergency",
    [GW_WARNING] = "warning",
    [GW_INFO] = "info",
    [GW_TECHNICAL] = "technical",
};
#define STATES  (sizeof(state_names) / sizeof(state_names[0]))
#define CLASSES (sizeof(class_names) / sizeof(class_names[0]))

const char *alert_state_name(uint32_t state)
{
    return state >= ALERT_RAISED && state < STATES ? state_names[state] : "?";
}

const char *alert_class_name(uint32_t class_)
{
    return class_ >= GW_EMERGENCY && class_ < CLASSES ? class_names[class_] : "?";
}

static uint32_t by_name(const char *const names[], uint32_t n, const char *name)
{
    for (uint32_t i = 1; i < n; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return 0;
}

uint32_t alert_class_by_name(const char *name)
{
    return by_name(class_names, CLASSES, name);
}

uint32_t alert_state_by_name(const char *name)
{
    return by_name(state_names, STATES, name);
}

static bool evidence_valid(const struct alert_evidence *evidence)
{
    return text_valid(evidence->sensor, sizeof(evidence->sensor)) &&
           text_valid(evidence->room, sizeof(evidence->room)) && text_valid(evidence->kind, sizeof(evidence->kind)) &&
           isfinite(evidence->value) && evidence->type <= GW_CLOCK && time_in_limits(evidence->at);
}

static bool times_valid(const struct alert *alert)
{
    return time_in_limits(alert->since) && time_in_limits(alert->raised) && time_in_limits(alert->at) &&
           time_in_limits(alert->late_ms) && time_in_limits(alert->wall_minus_log);
}

static bool texts_valid(const struct alert *alert)
{
    return text_valid(alert->detector, sizeof(alert->detector)) && text_valid(alert->kind, sizeof(alert->kind)) &&
           text_valid(alert->key, sizeof(alert->key)) && text_valid(alert->code, sizeof(alert->code)) &&
           text_valid(alert->room, sizeof(alert->room)) && text_valid(alert->text_en, sizeof(alert->text_en)) &&
           text_valid(alert->text_zh, sizeof(alert->text_zh)) && text_valid(alert->limit, sizeof(alert->limit)) &&
           text_valid(alert->by, sizeof(alert->by)) && text_valid(alert->note, sizeof(alert->note));
}

int alert_valid(const struct alert *alert)
{
    if (alert->id == 0 || alert->rev == 0 || alert->count == 0 || alert->class_ < GW_EMERGENCY ||
        alert->class_ >= CLASSES || alert->state < ALERT_RAISED || alert->state >= STATES ||
        alert->clock > CLOCK_SYNCED || alert->late_ms < 0 || alert->reading > ID_LIMIT || !times_valid(alert) ||
        alert->n_evidence > GW_MAX_EVIDENCE)
        return 0;
    for (uint32_t i = 0; i < alert->n_evidence; i++) {
        if (!evidence_valid(&alert->evidence[i]))
            return 0;
    }
    return texts_valid(alert);
}

/* A sensor's name may be longer than a key or have '_' in it: then its hash keeps two of them apart. */
void alert_key(char out[GW_MAX_KEY], const char *name)
{
    char clean[GW_MAX_KEY];
    bool changed = false;
    const size_t n = name != NULL ? strnlen(name, NAME_SIZE) : 0;
    size_t kept = n;
    if (n >= GW_MAX_KEY) {
        changed = true;
        kept = GW_MAX_KEY - 1;
    }
    memset(clean, 0, sizeof clean);
    for (size_t i = 0; i < kept; i++) {
        const char c = name[i];
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        clean[i] = (char)(good ? c : '-');
        changed |= !good;
    }
    memset(out, 0, GW_MAX_KEY);
    if (changed)
        snprintf(out, GW_MAX_KEY, "%.22s.%08x", clean, (unsigned)hash_bytes(HASH_START, name, n));
    else
        memcpy(out, clean, GW_MAX_KEY);
}

uint64_t alert_id(const char *home, const char *detector, const char *kind, const char *key, uint64_t episode)
{
    uint64_t hash = hash_text(HASH_START, home);
    hash = hash_text(hash, detector);
    hash = hash_text(hash, kind);
    hash = hash_text(hash, key);
    hash = hash_u64(hash, episode);
    return hash != 0 ? hash : 1; /* 0 means "no alert" everywhere */
}
