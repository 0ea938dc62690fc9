#include "block.h"

static size_t put_varint(uint8_t *out, uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        out[n++] = (uint8_t)(value | 0x80);
    out[n++] = (uint8_t)value;
    return n;
}

static bool get_varint(const uint8_t **data, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && *data < end; shift += 7) {
        uint8_t byte = *(*data)++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

size_t block_encode(const struct block *block, uint8_t *out)
{
    size_t used = 0;
    uint64_t before = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        used += put_varint(out + used, block->id[i] - before);
        used += put_varint(out + used, block->row[i]);
        before = block->id[i];
    }
    return used;
}

bool block_decode(const uint8_t *data, size_t size, struct block *block)
{
    const uint8_t *end = data + size;
    uint64_t before = 0, distance, row;
    block->n = 0;
    while (data < end) {
        if (block->n == BLOCK_ROWS || !get_varint(&data, end, &distance) || !get_varint(&data, end, &row))
            return false;
        if (distance == 0 || distance > INT64_MAX - before || row > UINT16_MAX)
            return false;
        before += distance;
        block->id[block->n] = before;
        block->row[block->n++] = (uint16_t)row;
    }
    return true;
}

uint32_t block_find(const struct block *block, uint64_t id)
{
    uint32_t low = 0, high = block->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (block->id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
