#include "points.h"

#include <stdlib.h>

/* What is wrapped has no argument to carry this. */
static struct {
    unsigned kinds, left; /* left 0: not armed */
    bool all, hit;
} points;

void points_arm(unsigned kinds, unsigned n, bool all)
{
    points.kinds = kinds;
    points.left = n;
    points.all = all;
    points.hit = false;
}

bool points_disarm(void)
{
    points.left = 0;
    return points.hit;
}

bool points_fail(enum point kind)
{
    if (points.left == 0 || !(points.kinds & kind))
        return false;
    if (points.left > 1) {
        points.left--;
        return false;
    }
    points.left = points.all ? 1 : 0;
    points.hit = true;
    return true;
}

unsigned points_next(unsigned n, unsigned step)
{
    return n < 32 || getenv(POINTS_ALL) ? n + 1 : n + step;
}
