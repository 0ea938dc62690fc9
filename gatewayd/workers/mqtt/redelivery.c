#include "redelivery.h"

#include <string.h>

#include "base/hash.h"

uint64_t redelivery_key(int mid, const char *topic, const void *payload, size_t size)
{
    uint64_t key = hash_bytes(hash_text(hash_u64(HASH_START, (uint64_t)mid), topic), payload, size);
    return key == 0 ? 1 : key;
}

void redelivery_seed(struct redelivery *redelivery, uint64_t key)
{
    if (key == 0 || redelivery->keys[(redelivery->next + SOURCE_KEYS_MAX - 1) % SOURCE_KEYS_MAX] == key)
        return; /* the readings of one message share its key */
    redelivery->keys[redelivery->next] = key;
    redelivery->next = (redelivery->next + 1) % SOURCE_KEYS_MAX;
}

void redelivery_forget(struct redelivery *redelivery)
{
    memset(redelivery, 0, sizeof(*redelivery));
}

static bool is_known(const struct redelivery *redelivery, uint64_t key)
{
    for (unsigned i = 0; i < SOURCE_KEYS_MAX; i++)
        if (redelivery->keys[i] == key)
            return true;
    return false;
}

bool redelivery_is(struct redelivery *redelivery, bool dup, uint64_t key)
{
    if (dup && is_known(redelivery, key))
        return true;
    redelivery_seed(redelivery, key);
    return false;
}
