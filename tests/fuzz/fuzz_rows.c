/* fuzz_rows.c - stored rows: databases and mirror of a small home are changed, a value of any type here, bytes of the
 * file there, and a whole store begins on them. It becomes ready, and says nothing to the core that the core does not
 * take: a store that is killed for what is on its disk would be killed for it for ever.
 *
 * The input: how many changes, the changes, and then what the core says, as in fuzz_store.c. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "alerts_db.h"
#include "base/text.h"
#include "fake_channel.h"
#include "history_db.h"
#include "mirror.h"
#include "store.h"

#define BOOT    "11111111-2222-3333-4444-555555555555"
#define CHANGES 16
#define FILES   3

static const char *const names[FILES] = {"alerts.db", "history.db", "mirror"};

static const struct {
    unsigned file;
    const char *table, *column;
} columns[] = {
    {0, "alerts", "pending"},    {0, "alerts", "live"},       {0, "alerts", "id"},
    {0, "alerts", "rev"},        {0, "alerts", "episode"},    {0, "alerts", "count"},
    {0, "alerts", "class"},      {0, "alerts", "state"},      {0, "alerts", "flags"},
    {0, "alerts", "detector"},   {0, "alerts", "kind"},       {0, "alerts", "key"},
    {0, "alerts", "code"},       {0, "alerts", "room"},       {0, "alerts", "text_en"},
    {0, "alerts", "text_zh"},    {0, "alerts", "passed"},     {0, "alerts", "by"},
    {0, "alerts", "note"},       {0, "alerts", "since"},      {0, "alerts", "raised"},
    {0, "alerts", "at"},         {0, "alerts", "late_ms"},    {0, "alerts", "wall_minus_log"},
    {0, "alerts", "boot"},       {0, "alerts", "clock"},      {0, "alerts", "incident"},
    {0, "alerts", "reading"},    {0, "evidence", "n"},        {0, "evidence", "sensor"},
    {0, "evidence", "kind"},     {0, "evidence", "at"},       {0, "evidence", "value"},
    {0, "evidence", "type"},     {0, "evidence", "flags"},    {0, "cursors", "detector"},
    {0, "cursors", "reading"},   {0, "cursors", "until"},     {0, "boots", "number"},
    {0, "boots", "boot_id"},     {0, "boots", "boot_offset"}, {0, "boots", "wall_minus_log"},
    {0, "boots", "clock"},       {0, "boots", "raised_once"}, {1, "readings", "id"},
    {1, "readings", "sensor"},   {1, "readings", "at"},       {1, "readings", "value"},
    {1, "readings", "type"},     {1, "readings", "flags"},    {1, "readings", "boot"},
    {1, "readings", "origin"},   {1, "sensors", "row"},       {1, "sensors", "name"},
    {1, "sensors", "readings"},  {1, "blocks", "last"},       {1, "blocks", "at"},
    {1, "blocks", "ids"},        {1, "rings", "ring"},        {1, "rings", "origin"},
    {1, "rings", "id"},          {1, "keys", "key"},          {1, "keys", "id"},
    {0, "boots", "raised_from"}, {0, "boots", "raised_by"},
};
#define COLUMNS (sizeof columns / sizeof columns[0])

/* The files as the store left them, made once. */
static struct {
    char *bytes;
    size_t size;
} files[FILES];

static const char *path_of(unsigned file, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", fake_folder(), names[file]);
    return out;
}

/* ---- the home before anything happened to it ---- */

static void make_alerts(const char *path)
{
    static struct frame frame;
    struct alerts_db *alerts = NULL;
    bool is_new;
    ALWAYS(alerts_db_open(path, &alerts, &is_new) == DB_OK);
    for (unsigned i = 1; i <= 3; i++) {
        struct frame_commit *commit = &frame_sample(&frame, FRAME_STORE_COMMIT)->commit;
        commit->pending = 1;
        commit->has_cursor = 1;
        commit->cursor.reading = i;
        commit->cursor.until = 1000 * i;
        commit->alert.id = i;
        commit->alert.state = i == 3 ? ALERT_CLOSED : ALERT_RAISED;
        commit->alert.n_evidence = i;
        for (unsigned k = 0; k < i; k++)
            text_copy(commit->alert.evidence[k].sensor, NAME_SIZE, "door");
        ALWAYS(alerts_db_put(alerts, commit) == DB_OK);
    }
    struct frame_boot boot = {.boot = 2, .boot_offset = 5000};
    ALWAYS(alerts_db_put_boot(alerts, &boot, BOOT) == DB_OK);
    ALWAYS(alerts_db_commit(alerts) == DB_OK);
    alerts_db_close(alerts);
}

/* Days apart, so that a block is closed. */
static void make_history(const char *path)
{
    struct history_db *history = NULL;
    struct queue *queue = queue_create();
    bool is_new;
    ALWAYS(queue && history_db_open(path, &history, &is_new) == DB_OK);
    int row = history_db_row(history, "sensor0");
    for (unsigned i = 1; i <= 8; i++) {
        struct reading reading = {.id = i,
                                  .origin = (UINT64_C(3) << 32) + i,
                                  .source_key = i,
                                  .at = 40000000 * (int64_t)i,
                                  .boot = 1 + i / 5,
                                  .sensor = (uint16_t)row};
        queue_put(queue, &reading);
        ALWAYS(history_db_append(history, queue, 1, false) == DB_OK);
        queue_drop(queue, 1);
    }
    history_db_close(history);
    queue_destroy(queue);
}

static void make_mirror(const char *path)
{
    static struct frame frame;
    bool in_file;
    struct mirror *mirror = mirror_open(path, &in_file);
    ALWAYS(mirror);
    struct alert *alert = &frame_sample(&frame, FRAME_ALERT)->alert;
    alert->rev = 2;
    mirror_put(mirror, alert, 1);
    mirror_put_cursor(mirror, &frame_sample(&frame, FRAME_STORE_CURSOR)->cursor);
    struct mirror_log log = {.last_id = 8, .last_log = 320000000, .boot = {.boot = 2}, .boot_id = BOOT};
    mirror_put_log(mirror, &log);
    mirror_close(mirror);
}

static void make_files(void)
{
    static void (*const make[FILES])(const char *path) = {make_alerts, make_history, make_mirror};
    char path[128];
    for (unsigned i = 0; i < FILES; i++) {
        make[i](path_of(i, path));
        FILE *file = fopen(path, "rbe");
        ALWAYS(file && fseek(file, 0, SEEK_END) == 0);
        files[i].size = (size_t)ftell(file);
        files[i].bytes = malloc(files[i].size);
        rewind(file);
        ALWAYS(files[i].bytes && fread(files[i].bytes, 1, files[i].size, file) == files[i].size);
        (void)fclose(file);
    }
    fake_folder_clear();
}

/* ---- changes ---- */

static void write_files(void)
{
    char path[128];
    for (unsigned i = 0; i < FILES; i++) {
        int fd = open(path_of(i, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        /* Most of the mirror is a hole. */
        size_t size = i == 2 && files[i].size > 65536 ? 65536 : files[i].size;
        ALWAYS(fd >= 0 && write(fd, files[i].bytes, size) == (ssize_t)size);
        ALWAYS(ftruncate(fd, (off_t)files[i].size) == 0);
        (void)close(fd);
    }
}

static void bind_value(sqlite3_stmt *statement, struct input *in)
{
    static char bytes[256];
    size_t n;
    double number;
    switch (input_byte(in) % 6) {
    case 0:
        (void)sqlite3_bind_int64(statement, 1, (int64_t)input_number(in, 8));
        break;
    case 1:
        (void)sqlite3_bind_int64(statement, 1, (int8_t)input_byte(in));
        break;
    case 2:
        input_take(in, &number, sizeof number);
        (void)sqlite3_bind_double(statement, 1, number);
        break;
    case 3:
        n = input_byte(in);
        input_take(in, bytes, n);
        (void)sqlite3_bind_text(statement, 1, bytes, (int)n, SQLITE_STATIC);
        break;
    case 4:
        n = input_byte(in);
        input_take(in, bytes, n);
        (void)sqlite3_bind_blob(statement, 1, bytes, (int)n, SQLITE_STATIC);
        break;
    default:
        break; /* NULL */
    }
}

/* What constraints refuse does not happen. All rows are meant, or the first ones. */
static void change_value(sqlite3 *db[2], struct input *in)
{
    unsigned c = input_byte(in) % COLUMNS, file = columns[c].file, rows = 1 + input_byte(in) % 8;
    char path[128], sql[256];
    if (!db[file] && sqlite3_open(path_of(file, path), &db[file]) != SQLITE_OK)
        return;
    (void)snprintf(sql, sizeof sql,
                   "UPDATE OR IGNORE %s SET \"%s\" = ?1 WHERE \"%s\" IN (SELECT \"%s\" FROM %s LIMIT %u)",
                   columns[c].table, columns[c].column, columns[c].column, columns[c].column, columns[c].table, rows);
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db[file], sql, -1, &statement, NULL) == SQLITE_OK) {
        bind_value(statement, in);
        (void)sqlite3_step(statement);
    }
    (void)sqlite3_finalize(statement);
}

static void change_bytes(struct input *in)
{
    char path[128], bytes[256];
    unsigned file = input_byte(in) % FILES;
    size_t at = input_number(in, 3) % files[file].size, n = input_byte(in);
    input_take(in, bytes, n);
    int fd = open(path_of(file, path), O_WRONLY | O_CLOEXEC);
    ALWAYS(fd >= 0 && pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n);
    (void)close(fd);
}

static void change_files(struct input *in)
{
    sqlite3 *db[2] = {NULL, NULL};
    for (unsigned n = input_byte(in) % CHANGES; n > 0; n--) {
        if (input_byte(in) % 4 != 0) {
            change_value(db, in);
            continue;
        }
        for (int i = 0; i < 2; i++) { /* SQLite must not find its file changed under it */
            (void)sqlite3_close(db[i]);
            db[i] = NULL;
        }
        change_bytes(in);
    }
    for (int i = 0; i < 2; i++)
        (void)sqlite3_close(db[i]);
}

/* ---- the store on them ---- */

static void adjust(struct frame *frame)
{
    if (frame->header.type != FRAME_STORE_CONFIG)
        return;
    (void)snprintf(frame->store_config.directory, TEXT_SIZE, "%s", fake_folder());
    (void)snprintf(frame->store_config.mirror, TEXT_SIZE, "%s/mirror", fake_folder());
}

static void run(struct input in)
{
    static struct frame frame;
    fake_begin(in, adjust, NULL);
    adjust(frame_init(&frame, FRAME_STORE_CONFIG));
    frame.store_config.history_days = 60;
    frame.store_config.history_mib = 8;
    frame.store_config.batch_ms = 100;
    text_copy(frame.store_config.boot_id, sizeof frame.store_config.boot_id, BOOT);
    fake_first(&frame);
    frame_sample(&frame, FRAME_SENSOR);
    text_copy(frame.sensor.name, NAME_SIZE, "sensor0");
    fake_first(&frame);
    fake_first(frame_init(&frame, FRAME_CONFIG_END));
    fake_first(frame_sample(&frame, FRAME_HISTORY_QUERY));
    if (setjmp(fake.end) == 0)
        ALWAYS(store_run(CHANNEL_FD) == 0);
    fake_end();
    ALWAYS(fake.sent[FRAME_STORE_STATE] == 1 && fake.sent[FRAME_READY] == 1 && fake.sent[FRAME_HISTORY] > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    if (!files[0].bytes)
        make_files();
    write_files();
    change_files(&in);
    run(in);
    run((struct input){in.end, in.end});
    fake_folder_clear();
    return 0;
}
