/* history_private.h - shared by history_db.c, history_trim.c and history_query.c only. */
#ifndef STORE_HISTORY_PRIVATE_H
#define STORE_HISTORY_PRIVATE_H

#include "block.h"
#include "history_db.h"

struct history_ring {
    uint64_t origin; /* highest one; its high 32 bits name the ring */
    uint64_t id;     /* of that reading: the ring with the lowest one is forgotten first */
};

/* Everything derived from the log. A failed transaction puts the copy from before it back. */
struct history_fold {
    struct block tail; /* readings behind the last block */
    int64_t tail_from; /* log time of the first of them */
    uint64_t last_id, last_block;
    int64_t last_log;
    uint32_t last_boot;
    uint32_t n_rings, n_names;
    uint32_t n_stored; /* names that are on the disk */
    struct history_ring ring[HISTORY_RINGS_MAX];
    uint32_t count[HISTORY_ROWS_MAX];
    bool changed[HISTORY_ROWS_MAX]; /* count differs from the stored one */
};

struct history_db {
    struct db *db;
    struct history_fold now, before;
    char name[HISTORY_ROWS_MAX][NAME_SIZE]; /* by row; row 0 is "" */
    int64_t keep_ms;
    int64_t keep_pages;
    uint64_t trim_from; /* blocks before this one hold nothing of trim_row any more */
    int trim_row;
    unsigned blocks_made; /* in this transaction */
    bool new_keys;        /* in this transaction: the oldest ones may have to go */
    uint8_t *bytes;       /* BLOCK_BYTES_MAX */
    struct block *block;  /* room to decode one */
    struct db_statement *insert, *insert_block, *insert_name, *update_name, *insert_ring, *delete_rings, *insert_key;
    struct db_statement *delete_keys, *from, *keys, *delete_range, *delete_row, *delete_block, *blocks;
};

/* The row at which h->from stands. False: it holds what no reading of ours does. */
bool history_read(struct db_statement *from, struct reading *reading);
/* In a transaction: close the tail into a block and write what is derived. */
enum db_result history_write_block(struct history_db *h);
enum db_result history_put_block(struct history_db *h, const struct block *block, uint64_t last, int64_t at);
/* In a transaction: delete a bounded piece of what is beyond the limits. */
enum db_result history_trim(struct history_db *h);
/* After one: give free pages inside the file back, a few at a time, if there are very many. */
void history_shrink(struct history_db *h);

#endif
