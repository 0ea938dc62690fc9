#include "backoff.h"

int64_t backoff_ms(unsigned failures, uint32_t random)
{
    unsigned doublings = failures > 6 ? 6 : failures;
    int64_t ceiling = BACKOFF_MIN_MS << doublings;
    if (ceiling > BACKOFF_MAX_MS)
        ceiling = BACKOFF_MAX_MS;
    int64_t floor = ceiling / 2;
    return floor + (int64_t)(random % (uint32_t)(ceiling - floor + 1));
}
