#include "technical.h"

#include <stdio.h>

#include "../base/hash.h"
#include "../base/text.h"
#include "alerts.h"
#include "detectors.h"
#include "own.h"
#include "timeline.h"

/* A key holds fewer and shorter texts than a worker's name or subject: what does not fit is named by its hash. */
static void make_key(char key[GW_MAX_KEY], const char *text)
{
    size_t n = 0;
    for (const char *c = text; *c && n + 1 < GW_MAX_KEY; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '.' || *c == '-';
        key[n++] = plain ? *c : '-';
    }
    key[n] = '\0';
    if (strlen(text) >= GW_MAX_KEY)
        snprintf(key, GW_MAX_KEY, "%016llx", (unsigned long long)hash_text(HASH_START, text));
}

void technical_raise(struct core *core, const char *kind, const char *about, const char *text_en, const char *text_zh)
{
    char key[GW_MAX_KEY];
    make_key(key, about);
    const struct own_alert own = {
        .kind = kind, .key = key, .class_ = GW_TECHNICAL, .code = "0031 0067", .text_en = text_en, .text_zh = text_zh};
    own_raise(core, &own);
}

void technical_clear(struct core *core, const char *kind, const char *about)
{
    char key[GW_MAX_KEY];
    make_key(key, about);
    own_clear(core, kind, key);
}

/* What people at the other end have to know: what is not done meanwhile. */
static const struct {
    const char *en, *zh;
} undone[ROLE_COUNT] = {
    [ROLE_STORE] = {"Nothing is saved at the moment", "暂时无法保存数据"},
    [ROLE_GPIO] = {"The wired sensors are not read at the moment", "有线传感器暂时无法读取"},
    [ROLE_MQTT] = {"The radio sensors are not read at the moment", "无线传感器暂时无法读取"},
    [ROLE_UPLINK] = {"Nothing can be reported at the moment", "暂时无法向该平台上报"},
    [ROLE_DETECTOR] = {"Not watched at the moment", "这项看护暂时中断"},
};

void technical_worker(struct core *core, unsigned worker, bool down)
{
    const struct worker *w = &core->workers[worker];
    char key[GW_MAX_KEY];
    make_key(key, w->name);
    if (!core->timeline.started)
        return; /* told by roles when the log has begun */
    if (!down) {
        technical_clear(core, "worker-down", key);
        return;
    }
    bool for_good = w->state == WORKER_FAILED;
    char en[GW_MAX_TEXT * 2], zh[GW_MAX_TEXT * 2], cut_en[GW_MAX_TEXT], cut_zh[GW_MAX_TEXT];
    char cause[96]; /* at a character's border */
    text_copy(cause, sizeof(cause), w->cause);
    const char *name = w->role == ROLE_DETECTOR || w->role == ROLE_UPLINK ? strchr(w->name, ' ') : NULL;
    name = name ? name + 1 : w->name;
    snprintf(en, sizeof(en), "%s: \"%s\" %s. Cause: %s", undone[w->role].en, name,
             for_good ? "needs a technician" : "failed and is being started again", cause);
    snprintf(zh, sizeof(zh), "%s：“%s”%s。原因：%s", undone[w->role].zh, name,
             for_good ? "需要技术人员处理" : "出错，正在重新启动", cause);
    text_copy(cut_en, sizeof(cut_en), en);
    text_copy(cut_zh, sizeof(cut_zh), zh);
    technical_raise(core, "worker-down", key, cut_en, cut_zh);
}

static struct trouble *find(struct core *core, unsigned worker, const char *subject, const char *kind)
{
    for (unsigned i = 0; i < TROUBLES_MAX; i++) {
        struct trouble *t = &core->troubles[i];
        if (t->used && t->worker == worker && strcmp(t->subject, subject) == 0 && strcmp(t->kind, kind) == 0)
            return t;
    }
    return NULL;
}

static void begin_trouble(struct core *core, unsigned worker, const struct frame_trouble *f)
{
    for (unsigned i = 0; i < TROUBLES_MAX; i++) {
        struct trouble *t = &core->troubles[i];
        if (t->used)
            continue;
        t->used = true;
        t->worker = worker;
        text_copy(t->subject, sizeof(t->subject), f->subject);
        text_copy(t->kind, sizeof(t->kind), f->kind);
        return;
    }
    core->drops++; /* more troubles than a home has things: their end clears the alert all the same */
}

void technical_trouble(struct core *core, unsigned worker, const struct frame_trouble *f)
{
    char key[GW_MAX_KEY];
    make_key(key, f->subject);
    struct trouble *known = find(core, worker, f->subject, f->kind);
    if (f->active ? !known : known != NULL)
        core_log(core, f->active ? 4 : 5, "%s: %s%s", f->subject, f->active ? "" : "over: ", f->text_en);
    if (f->active && !known)
        begin_trouble(core, worker, f);
    if (!f->active && known)
        known->used = false;
    if (f->active && f->alert)
        technical_raise(core, f->kind, key, f->text_en, f->text_zh);
    else if (!f->active)
        technical_clear(core, f->kind, key);
}

void technical_forget_worker(struct core *core, unsigned worker)
{
    for (unsigned i = 0; i < TROUBLES_MAX; i++) {
        struct trouble *t = &core->troubles[i];
        if (!t->used || t->worker != worker)
            continue;
        char key[GW_MAX_KEY];
        make_key(key, t->subject);
        t->used = false;
        technical_clear(core, t->kind, key);
    }
}

void technical_store_files(struct core *core, const struct frame_store_state *state)
{
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT];
    if (state->alerts_file != STORE_FILE_SET_ASIDE && state->history_file != STORE_FILE_SET_ASIDE)
        return;
    bool alerts = state->alerts_file == STORE_FILE_SET_ASIDE;
    snprintf(en, sizeof(en), "The %s database was damaged; it is kept as %.80s and a new one was begun.",
             alerts ? "alerts" : "history", state->set_aside);
    snprintf(zh, sizeof(zh), "%s数据库已损坏，原文件保存为 %.80s，并已新建。", alerts ? "报警" : "历史",
             state->set_aside);
    technical_raise(core, "store-corrupt", alerts ? "alerts" : "history", en, zh);
}

void technical_link(struct core *core, const struct uplink *u, bool down)
{
    char key[GW_MAX_KEY], en[GW_MAX_TEXT * 2], zh[GW_MAX_TEXT * 2], cut_en[GW_MAX_TEXT], cut_zh[GW_MAX_TEXT];
    make_key(key, u->settings->link.name);
    if (!down) {
        technical_clear(core, "link-down", key);
        return;
    }
    snprintf(en, sizeof(en), "The platform \"%s\" has not been reached for 5 minutes. %s", u->settings->link.name,
             u->text);
    snprintf(zh, sizeof(zh), "已有 5 分钟无法连接平台“%s”。%s", u->settings->link.name, u->text);
    text_copy(cut_en, sizeof(cut_en), en);
    text_copy(cut_zh, sizeof(cut_zh), zh);
    technical_raise(core, "link-down", key, cut_en, cut_zh);
}

void technical_blind(struct core *core, const struct detector *d)
{
    bool own = d->health.state == GW_HEALTH_BLIND;
    char en[GW_MAX_TEXT * 2], zh[GW_MAX_TEXT * 2], cut_en[GW_MAX_TEXT], cut_zh[GW_MAX_TEXT];
    snprintf(en, sizeof(en), "\"%s\" is blind: %s", d->settings->name,
             own ? d->health.text_en : "a sensor that it needs does not answer.");
    snprintf(zh, sizeof(zh), "“%s”无法监测：%s", d->settings->name, own ? d->health.text_zh : "所需的传感器无响应。");
    text_copy(cut_en, sizeof(cut_en), en);
    text_copy(cut_zh, sizeof(cut_zh), zh);
    technical_raise(core, "detector-blind", d->settings->name, cut_en, cut_zh);
}

void technical_certificate(struct core *core, const struct uplink *u)
{
    if (!u->cert_expires || core->timeline.clock != CLOCK_SYNCED)
        return;
    int64_t left = u->cert_expires - (timeline_now(core) + core->timeline.wall_minus_log);
    char en[GW_MAX_TEXT], zh[GW_MAX_TEXT], key[GW_MAX_KEY];
    make_key(key, u->settings->link.name);
    if (left > CERT_NEAR_END) {
        technical_clear(core, "certificate-expiring", key);
        return;
    }
    long long days = left > 0 ? (long long)(left / 86400000) : 0;
    snprintf(en, sizeof(en), "The certificate for \"%s\" ends in %lld days; renew it before the link is lost.",
             u->settings->link.name, days);
    snprintf(zh, sizeof(zh), "“%s”的证书将在 %lld 天后到期，请及时更换，以免断开连接。", u->settings->link.name, days);
    technical_raise(core, "certificate-expiring", key, en, zh);
}
