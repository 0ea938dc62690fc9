/* Sorted samples, their tails, logarithm and root. */
#include "quantile.h"

void quantile_sort(double *values, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++) {
        const double value = values[i];
        uint32_t at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

double quantile_of(const double *sorted, uint32_t n, double share)
{
    if (n == 0)
        return 0;
    const double place = share * (double)(n - 1);
    const uint32_t below = (uint32_t)place;
    if (below + 1 >= n || place < 0)
        return sorted[place < 0 ? 0 : n - 1];
    return sorted[below] + (sorted[below + 1] - sorted[below]) * (place - (double)below);
}

double quantile_ln(double x)
{
    const double ln2 = 0.69314718055994531;
    double log = 0;
    while (x > 1.5) {
        x /= 2;
        log += ln2;
    }
    while (x < 0.75) {
        x *= 2;
        log -= ln2;
    }
    const double y = (x - 1) / (x + 1), square = y * y; /* ln x = 2 (y + y^3/3 + ...), |y| <= 0.2 */
    double term = y;
    for (int power = 1; power <= 19; power += 2) {
        log += 2 * term / power;
        term *= square;
    }
    return log;
}

double quantile_exp(double x)
{
    double term = 1, sum = 1;
    x /= 256; /* and squared eight times in the end */
    for (int i = 1; i < 10; i++) {
        term *= x / i;
        sum += term;
    }
    for (int i = 0; i < 8; i++)
        sum *= sum;
    return sum;
}

double quantile_root(double x)
{
    double root = x > 1 ? x : 1;
    for (int i = 0; x > 0 && i < 60; i++)
        root = (root + x / root) / 2;
    return x > 0 ? root : 0;
}

double quantile_rare(double *values, uint32_t n, double rate)
{
    quantile_sort(values, n);
    const double median = quantile_of(values, n, 0.5);
    double excess = 0;
    uint32_t above = 0;
    for (uint32_t i = n / 2; i < n; i++, above++)
        excess += values[i] - median;
    if (above == 0)
        return median;
    const double mean = excess / (double)above * (1 + 3.0 / (double)n);
    const double tail = median + mean * quantile_ln(0.5 / rate), seen = quantile_of(values, n, 1 - rate);
    return tail > seen ? tail : seen;
}
