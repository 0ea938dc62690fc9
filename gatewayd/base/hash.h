/* hash.h - FNV-1a, 64 bit (public domain, Fowler/Noll/Vo): stable over versions and machines, for ids and duplicates;
 * not for anything an attacker may want to collide. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

uint64_t hash_bytes(uint64_t hash, const void *data, size_t size);
/* Eight bytes at a step, in this machine's order: for checksums of what stays on it. */
uint64_t hash_words(uint64_t hash, const void *data, size_t size);
/* The text and its end: "ab","c" and "a","bc" differ. */
uint64_t hash_text(uint64_t hash, const char *text);
uint64_t hash_u64(uint64_t hash, uint64_t value);

#endif
