#include "retained.h"

#include <stdlib.h>

#include "base/hash.h"

void retained_set(struct retained *retained, char *text)
{
    if (!text)
        return;
    free(retained->wanted);
    retained->wanted = text;
    retained->wanted_hash = hash_text(HASH_START, text);
}

void retained_clear(struct retained *retained)
{
    free(retained->wanted);
    *retained = (struct retained){0};
}

bool retained_due(const struct retained *retained)
{
    return retained->wanted && retained->mid == 0 &&
           (!retained->confirmed || retained->confirmed_hash != retained->wanted_hash);
}

void retained_sent(struct retained *retained, int mid)
{
    retained->mid = mid;
    retained->sent_hash = retained->wanted_hash;
}

bool retained_acked(struct retained *retained, int mid)
{
    if (mid == 0 || retained->mid != mid)
        return false;
    retained->mid = 0;
    retained->confirmed = true;
    retained->confirmed_hash = retained->sent_hash;
    return true;
}

void retained_lost(struct retained *retained, bool forget)
{
    retained->mid = 0;
    if (forget)
        retained->confirmed = false;
}
