#include "redelivery.h"

#include "base/hash.h"

uint64_t redelivery_key(int mid, const char *topic, const void *payload, size_t size)
{
    uint64_t key = hash_bytes(hash_text(hash_u64(HASH_START, (uint64_t)mid), topic), payload, size);
    return key == 0 ? 1 : key;
}

void redelivery_seed(struct redelivery *redelivery, uint64_t key)
{
    if (key == 0 || redelivery->keys[(redelivery->next + REDELIVERY_KEYS - 1) % REDELIVERY_KEYS] == key)
        return; /* the readings of one message share its key */
    redelivery->keys[redelivery->next] = key;
    redelivery->next = (redelivery->next + 1) % REDELIVERY_KEYS;
}

void redelivery_begin(struct redelivery *redelivery, bool session_resumed)
{
    redelivery->watch = session_resumed ? REDELIVERY_WATCH : 0;
    redelivery->unknown = 0;
}

bool redelivery_is(struct redelivery *redelivery, uint64_t key)
{
    if (redelivery->watch > 0) {
        redelivery->watch--;
        for (unsigned i = 0; i < REDELIVERY_KEYS; i++)
            if (redelivery->keys[i] == key)
                return true;
    }
    if (++redelivery->unknown == REDELIVERY_UNKNOWN)
        redelivery->watch = 0;
    redelivery_seed(redelivery, key);
    return false;
}
