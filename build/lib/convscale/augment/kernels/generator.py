"""numpy's `default_rng(key)` in compiled code: the same numbers, thirty times faster to seed than a Generator.

Seeding is numpy's SeedSequence (numpy/random/bit_generator.pyx), the generator its PCG64 (src/pcg64/pcg64.h), the
draws those of Generator.random, uniform and integers (src/distributions/distributions.c).
"""

import numpy as np
from numba import njit

# SeedSequence's hash: bit_generator.pyx INIT_A, MULT_A, INIT_B, MULT_B, MIX_MULT_L, MIX_MULT_R
INIT_A, MULT_A = np.uint32(0x43B0D7E5), np.uint32(0x931E8875)
INIT_B, MULT_B = np.uint32(0x8B51F9DD), np.uint32(0x58F38DED)
MIX_L, MIX_R = np.uint32(0xCA01F9DD), np.uint32(0x4973F715)
HALF, POOL = np.uint32(16), 4
# PCG64's multiplier, 0x2360ED051FC65DA44385DF649FCCF645 in two halves: pcg64.h
PCG_HIGH, PCG_LOW = np.uint64(0x2360ED051FC65DA4), np.uint64(0x4385DF649FCCF645)
LOW_32, ONE, ZERO = np.uint64(0xFFFFFFFF), np.uint64(1), np.uint64(0)
S11, S32, S58, S63, S64 = (np.uint64(shift) for shift in (11, 32, 58, 63, 64))
# A generator is an array of six uint64: its state and its increment, high half and low half of each, then whether half
# of a draw is left over from 32 bits, and that half.
STATE = 6


@njit(cache=True)
def hashed(value, constant):
    value = np.uint32(value ^ constant)
    constant = np.uint32(constant * MULT_A)
    value = np.uint32(value * constant)
    return np.uint32(value ^ (value >> HALF)), constant


@njit(cache=True)
def mixed(x, y):
    result = np.uint32(np.uint32(MIX_L * x) - np.uint32(MIX_R * y))
    return np.uint32(result ^ (result >> HALF))


@njit(cache=True)
def seed(words, g):
    """Set generator `g` to where `default_rng` starts from the uint32 `words` of its key."""
    pool = np.zeros(POOL, np.uint32)
    constant = INIT_A
    for i in range(POOL):
        pool[i], constant = hashed(words[i] if i < len(words) else np.uint32(0), constant)
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                value, constant = hashed(pool[source], constant)
                pool[target] = mixed(pool[target], value)
    for source in range(POOL, len(words)):
        for target in range(POOL):
            value, constant = hashed(words[source], constant)
            pool[target] = mixed(pool[target], value)
    start = np.empty(4, np.uint64)
    constant = INIT_B
    for i in range(4):
        word = ZERO
        for half in range(2):
            value = np.uint32(pool[(2 * i + half) % POOL] ^ constant)
            constant = np.uint32(constant * MULT_B)
            value = np.uint32(value * constant)
            value = np.uint32(value ^ (value >> HALF))
            word |= np.uint64(value) << (S32 * np.uint64(half))
        start[i] = word
    g[2] = (start[2] << ONE) | (start[3] >> S63)
    g[3] = (start[3] << ONE) | ONE
    g[0], g[1], g[4], g[5] = ZERO, ZERO, ZERO, ZERO
    step(g)
    low = g[1] + start[1]
    g[0] += start[0] + (ONE if low < start[1] else ZERO)
    g[1] = low
    step(g)


@njit(cache=True)
def high_product(a, b):
    """The upper 64 bits of the product of two uint64."""
    a0, a1, b0, b1 = a & LOW_32, a >> S32, b & LOW_32, b >> S32
    cross, other = a0 * b1, a1 * b0
    middle = ((a0 * b0) >> S32) + (cross & LOW_32) + (other & LOW_32)
    return a1 * b1 + (cross >> S32) + (other >> S32) + (middle >> S32)


@njit(cache=True)
def step(g):
    """state * multiplier + increment, in 128 bits."""
    high = g[0] * PCG_LOW + g[1] * PCG_HIGH + high_product(g[1], PCG_LOW)
    low = g[1] * PCG_LOW
    total = low + g[3]
    g[0] = high + g[2] + (ONE if total < low else ZERO)
    g[1] = total


@njit(cache=True)
def next_64(g):
    step(g)
    value, turn = g[0] ^ g[1], g[0] >> S58
    return (value >> turn) | (value << ((S64 - turn) & S63))


@njit(cache=True)
def next_32(g):
    if g[4]:
        g[4] = ZERO
        return g[5]
    value = next_64(g)
    g[4], g[5] = ONE, value >> S32
    return value & LOW_32


@njit(cache=True)
def random(g):
    """Generator.random(): a float in [0, 1)."""
    return (next_64(g) >> S11) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def uniform(g, low, high):
    """Generator.uniform(low, high)."""
    return low + (high - low) * random(g)


@njit(cache=True)
def integers(g, count):
    """Generator.integers(count), for 1 <= count < 2^32: Lemire's method with rejection."""
    if count == 1:
        return 0
    n = np.uint64(count)
    product = next_32(g) * n
    if (product & LOW_32) < n:
        threshold = ((LOW_32 - (n - ONE)) & LOW_32) % n
        while (product & LOW_32) < threshold:
            product = next_32(g) * n
    return np.int64(product >> S32)
