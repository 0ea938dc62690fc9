/* block.h - which sensor each reading of a stretch of the log is of, in about two bytes per reading.
 *
 * history.db has no index by sensor: that would touch one more page per sensor in every small batch (a second index
 * costs half as much again to four times the bytes on the card). Instead each BLOCK_ROWS readings one blob is written
 * that lists (id, sensor row) pairs; 60 days are some hundred blobs, and a look-up of one quiet sensor decodes these
 * rather than the readings. */
#ifndef STORE_BLOCK_H
#define STORE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_ROWS      2048
#define BLOCK_BYTES_MAX ((size_t)BLOCK_ROWS * 13) /* 10 for an id's distance, 3 for a sensor row */

struct block {
    uint32_t n;
    uint64_t id[BLOCK_ROWS]; /* strictly rising */
    uint16_t row[BLOCK_ROWS];
};

/* out has room for BLOCK_BYTES_MAX; returns the bytes used. */
size_t block_encode(const struct block *block, uint8_t *out);
/* False: not what block_encode makes; *block is then undefined. */
bool block_decode(const uint8_t *data, size_t size, struct block *block);
/* Index of the first id >= id; n if there is none. */
uint32_t block_find(const struct block *block, uint64_t id);

#endif
