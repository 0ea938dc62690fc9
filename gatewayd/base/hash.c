#include "hash.h"

#include <string.h>

#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * FNV_PRIME;
    return hash;
}

/* Every step can be undone, so a change in one word alone is always seen; the shift carries high bits down. */
uint64_t hash_words(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *byte = data;
    for (uint64_t word; size >= sizeof word; byte += sizeof word, size -= sizeof word) {
        memcpy(&word, byte, sizeof word);
        hash = (hash ^ word) * FNV_PRIME;
        hash ^= hash >> 32;
    }
    return hash_bytes(hash, byte, size);
}

uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

/* Byte by byte from the low end, so that the result does not depend on the machine's byte order. */
uint64_t hash_u64(uint64_t hash, uint64_t value)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        hash = (hash ^ ((value >> shift) & 0xffu)) * FNV_PRIME;
    return hash;
}
