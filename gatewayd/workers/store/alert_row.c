#include "alert_row.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum type { U16, U32, U64, I64, TEXT };

struct column {
    const char *name; /* in alerts.db: never changed, a new one needs a migration */
    enum type type;
    size_t offset, size;
};

/* clang-format off */
#define COLUMN(column, type, member) {column, type, offsetof(struct alert, member), sizeof(((struct alert *)0)->member)}
/* clang-format on */

static const struct column COLUMNS[] = {
    COLUMN("id", U64, id),
    COLUMN("rev", U32, rev),
    COLUMN("episode", U64, episode),
    COLUMN("count", U32, count),
    COLUMN("class", U16, class_),
    COLUMN("state", U16, state),
    COLUMN("flags", U32, flags),
    COLUMN("detector", TEXT, detector),
    COLUMN("kind", TEXT, kind),
    COLUMN("key", TEXT, key),
    COLUMN("code", TEXT, code),
    COLUMN("room", TEXT, room),
    COLUMN("text_en", TEXT, text_en),
    COLUMN("text_zh", TEXT, text_zh),
    COLUMN("passed", TEXT, limit),
    COLUMN("by", TEXT, by),
    COLUMN("note", TEXT, note),
    COLUMN("since", I64, since),
    COLUMN("raised", I64, raised),
    COLUMN("at", I64, at),
    COLUMN("late_ms", I64, late_ms),
    COLUMN("wall_minus_log", I64, wall_minus_log),
    COLUMN("boot", U32, boot),
    COLUMN("clock", U32, clock),
    COLUMN("incident", U64, incident),
    COLUMN("reading", U64, reading),
    COLUMN("counted", U64, counted),
};
#define COLUMNS_N (sizeof COLUMNS / sizeof COLUMNS[0])

/* "by" is a word of SQL: every name is quoted. */
char *alert_row_names(char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < COLUMNS_N && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s\"%s\"", i ? "," : "", COLUMNS[i].name);
    return out;
}

char *alert_row_marks(char *out, size_t size, int first)
{
    size_t used = 0;
    for (size_t i = 0; i < COLUMNS_N && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s?%d", i ? "," : "", first + (int)i);
    return out;
}

static int64_t get_number(const struct column *column, const char *base)
{
    union {
        uint16_t u16;
        uint32_t u32;
        int64_t i64; /* U64 too: SQLite has signed numbers only, the bits are kept */
    } value = {.i64 = 0};
    memcpy(&value, base + column->offset, column->size);
    return column->type == U16 ? value.u16 : column->type == U32 ? value.u32 : value.i64;
}

static bool set_number(const struct column *column, char *base, int64_t number)
{
    uint16_t u16 = (uint16_t)number;
    uint32_t u32 = (uint32_t)number;
    switch (column->type) {
    case U16:
        memcpy(base + column->offset, &u16, sizeof u16);
        return number == u16;
    case U32:
        memcpy(base + column->offset, &u32, sizeof u32);
        return number == u32;
    default:
        memcpy(base + column->offset, &number, sizeof number);
        return true;
    }
}

void alert_row_bind(struct db_statement *statement, int first, const struct alert *alert)
{
    const char *base = (const char *)alert;
    for (size_t i = 0; i < COLUMNS_N; i++) {
        if (COLUMNS[i].type == TEXT)
            db_bind_text(statement, first + (int)i, base + COLUMNS[i].offset);
        else
            db_bind_int(statement, first + (int)i, get_number(&COLUMNS[i], base));
    }
}

bool alert_row_read(struct db_statement *statement, int first, struct alert *alert)
{
    memset(alert, 0, sizeof *alert);
    char *base = (char *)alert;
    for (size_t i = 0; i < COLUMNS_N; i++) {
        int column = first + (int)i;
        bool good = COLUMNS[i].type == TEXT ? db_text(statement, column, base + COLUMNS[i].offset, COLUMNS[i].size)
                                            : set_number(&COLUMNS[i], base, db_int(statement, column));
        if (!good)
            return false;
    }
    return true;
}

void alert_row_bind_evidence(struct db_statement *statement, const struct alert_evidence *evidence)
{
    db_bind_text(statement, 3, evidence->sensor);
    db_bind_text(statement, 4, evidence->room);
    db_bind_text(statement, 5, evidence->kind);
    db_bind_int(statement, 6, evidence->at);
    db_bind_real(statement, 7, evidence->value);
    db_bind_int(statement, 8, evidence->type);
    db_bind_int(statement, 9, evidence->flags);
}

bool alert_row_read_evidence(struct db_statement *statement, struct alert_evidence *evidence)
{
    memset(evidence, 0, sizeof *evidence);
    evidence->at = db_int(statement, 3);
    evidence->value = db_real(statement, 4);
    evidence->type = (uint32_t)db_int(statement, 5);
    evidence->flags = (uint32_t)db_int(statement, 6);
    return db_text(statement, 0, evidence->sensor, sizeof evidence->sensor) &&
           db_text(statement, 1, evidence->room, sizeof evidence->room) &&
           db_text(statement, 2, evidence->kind, sizeof evidence->kind) && isfinite(evidence->value);
}
