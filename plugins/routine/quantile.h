/* quantile.h - small statistics for plugins that learn: sorted samples, tails, logarithm and root. Without libm, so
 * that a replay gives the same figures on every machine. */
#ifndef PLUGINS_QUANTILE_H
#define PLUGINS_QUANTILE_H

#include <stdint.h>

/* Ascending. */
void quantile_sort(double *values, uint32_t n);
/* Of sorted values, 0 <= share <= 1, between two of them in proportion. 0 of none. */
double quantile_of(const double *sorted, uint32_t n, double share);
/* Natural logarithm of x > 0. */
double quantile_ln(double x);
/* e to the power of x, -30 <= x <= 30. */
double quantile_exp(double x);
/* Square root of x >= 0. */
double quantile_root(double x);
/* The value that a new one passes with the chance `rate` (per sample, below one half), from n samples: above the median
 * the tail is taken to be exponential, and wider than it looks while the samples are few. Never less than was passed as
 * often already. Sorts the values. */
double quantile_rare(double *values, uint32_t n, double rate);

#endif
