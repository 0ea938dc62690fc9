"""Rates with what they stand on: the count, the time watched, and how high the true rate may yet be."""
import math


def upper(count, confidence=0.95):
    """The greatest mean of a Poisson count that would still give this few with probability 1 - confidence (exact)."""
    low, high = 0.0, count + 10.0 + 10.0 * math.sqrt(count + 1)
    for _ in range(100):
        mean = (low + high) / 2
        if _at_most(count, mean) > 1 - confidence:
            low = mean
        else:
            high = mean
    return high


def _at_most(count, mean):
    if mean == 0:
        return 1.0
    return sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


def lower_share(found, tried, confidence=0.95):
    """The smallest true share that would still give this many of `tried` with probability 1 - confidence (exact)."""
    if found == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        if sum(math.comb(tried, k) * share**k * (1 - share)**(tried - k) for k in range(found, tried + 1)) > 1 - confidence:
            high = share
        else:
            low = share
    return low
