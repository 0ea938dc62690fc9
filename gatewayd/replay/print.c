#include "print.h"

#include <inttypes.h>
#include <string.h>

#include "base/words.h"

char *print_when(const struct told *told, int64_t at, char *out)
{
    return words_when(at + told->alert.wall_minus_log, out);
}

/* ---- for people ---- */

static void reading_of(const struct alert_evidence *e, struct reading *reading)
{
    *reading = (struct reading){.at = e->at, .value = e->value, .type = (uint8_t)e->type, .flags = (uint8_t)e->flags};
}

static void print_evidence(FILE *out, const struct told *told)
{
    char when[WORDS_SIZE], what[WORDS_SIZE];
    for (uint32_t i = 0; i < told->alert.n_evidence; i++) {
        const struct alert_evidence *e = &told->alert.evidence[i];
        struct reading reading;
        reading_of(e, &reading);
        fprintf(out, "    %s %s  %s %s\n", i == 0 ? "because" : "       ", print_when(told, e->at, when), e->sensor,
                words_reading(told->evidence_kind[i], &reading, what));
    }
}

static void print_end(FILE *out, const struct told *told)
{
    const struct alert *a = &told->alert;
    char when[WORDS_SIZE], span[WORDS_SIZE];
    if (a->limit[0])
        fprintf(out, "    limit   %s\n", a->limit);
    if (a->since != a->raised)
        fprintf(out, "    since   %s\n", print_when(told, a->since, when));
    if (a->flags & ALERT_MOMENTARY) {
        if (a->count > 1)
            fprintf(out, "    came    %u times\n", a->count);
        return;
    }
    if (told->cleared)
        fprintf(out, "    cleared %s, after %s%s", print_when(told, told->cleared, when),
                words_span(told->cleared - a->raised, span), told->spells > 1 ? "" : "\n");
    else
        fprintf(out, "    cleared not before the end%s", told->spells > 1 ? "" : "\n");
    if (told->spells > 1)
        fprintf(out, "; true %u times, never ten minutes apart\n", told->spells);
}

void print_text(FILE *out, const struct told *told, enum replay_language language)
{
    const struct alert *a = &told->alert;
    char when[WORDS_SIZE];
    bool en = language != REPLAY_ZH, zh = language != REPLAY_EN;
    fprintf(out, "%s  %s  %s: %s%s%s%s\n", print_when(told, a->raised, when), alert_class_name(a->class_), a->detector,
            a->kind, a->key[0] ? " (" : "", a->key, a->key[0] ? ")" : "");
    fprintf(out, "    %s%s%s%s\n", en ? told->title_en : "", en && zh ? "  " : "", zh ? told->title_zh : "",
            a->flags & ALERT_TEST ? "  (test)" : "");
    if (en)
        fprintf(out, "    %s\n", a->text_en);
    if (zh)
        fprintf(out, "    %s\n", a->text_zh);
    print_evidence(out, told);
    print_end(out, told);
    fputc('\n', out);
}

/* ---- for programs ---- */

void print_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void member(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\": ", name);
    print_json_text(out, text);
    fputs(", ", out);
}

/* Log time as unix seconds of the recording; 0: null. */
static void seconds(FILE *out, const char *name, const struct told *told, int64_t at, const char *behind)
{
    int64_t wall = at + told->alert.wall_minus_log;
    if (at == 0)
        fprintf(out, "\"%s\": null%s", name, behind);
    else if (wall % 1000 == 0)
        fprintf(out, "\"%s\": %" PRId64 "%s", name, wall / 1000, behind);
    else
        fprintf(out, "\"%s\": %.3f%s", name, (double)wall / 1000, behind);
}

static void json_evidence(FILE *out, const struct told *told)
{
    fputs("\"evidence\": [", out);
    for (uint32_t i = 0; i < told->alert.n_evidence; i++) {
        const struct alert_evidence *e = &told->alert.evidence[i];
        char what[WORDS_SIZE];
        struct reading reading;
        reading_of(e, &reading);
        fputs(i ? ", {" : "{", out);
        member(out, "sensor", e->sensor);
        member(out, "room", e->room);
        member(out, "kind", e->kind);
        seconds(out, "at", told, e->at, ", ");
        member(out, "type", words_type((uint8_t)e->type));
        member(out, "text", words_reading(told->evidence_kind[i], &reading, what));
        fprintf(out, "\"value\": %.17g}", e->value);
    }
    fputs("], \"sensors\": [", out);
    for (uint32_t i = 0; i < told->alert.n_evidence; i++) {
        bool before = false;
        for (uint32_t k = 0; k < i; k++)
            before |= strcmp(told->alert.evidence[k].sensor, told->alert.evidence[i].sensor) == 0;
        if (before)
            continue;
        fputs(i ? ", " : "", out);
        print_json_text(out, told->alert.evidence[i].sensor);
    }
    fputs("]", out);
}

void print_json(FILE *out, const struct told *told, const char *only)
{
    const struct alert *a = &told->alert;
    char iso[WORDS_SIZE];
    fputs("{", out);
    if (only)
        member(out, "only", only);
    member(out, "detector", a->detector);
    member(out, "class", alert_class_name(a->class_));
    member(out, "kind", a->kind);
    member(out, "key", a->key);
    fprintf(out, "\"episode\": \"%016" PRIx64 "\", \"id\": \"%016" PRIx64 "\", ", a->episode, a->id);
    seconds(out, "raised_at", told, a->raised, ", ");
    member(out, "local", words_iso(a->raised + a->wall_minus_log, iso));
    fprintf(out, "\"raised_log\": %" PRId64 ", ", a->raised);
    seconds(out, "since", told, a->since, ", ");
    seconds(out, "cleared_at", told, told->cleared, ", ");
    fprintf(out, "\"count\": %u, \"spells\": %u, \"momentary\": %s, \"test\": %s, ", a->count, told->spells,
            a->flags & ALERT_MOMENTARY ? "true" : "false", a->flags & ALERT_TEST ? "true" : "false");
    member(out, "code", a->code);
    member(out, "room", a->room);
    member(out, "limit", a->limit);
    fputs("\"title\": {\"en\": ", out);
    print_json_text(out, told->title_en);
    fputs(", \"zh\": ", out);
    print_json_text(out, told->title_zh);
    fputs("}, \"text\": {\"en\": ", out);
    print_json_text(out, a->text_en);
    fputs(", \"zh\": ", out);
    print_json_text(out, a->text_zh);
    fputs("}, ", out);
    json_evidence(out, told);
    fputs("}\n", out);
}
