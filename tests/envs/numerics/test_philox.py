"""Random numbers that are a function of what they are for."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from orderup.envs.foundation.errors import InputError
from orderup.envs.numerics.chunks import CPU_CHUNK
from orderup.envs.numerics.philox import MULTIPLIERS, ROUNDS, WEYL, WORD, key_schedule, philox, uniforms

KNOWN_ANSWERS = [  # counter, key, result: "philox4x32 10" in kat_vectors of the authors' library Random123
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((WORD,) * 4, (WORD,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def one_by_one(counter: tuple[int, ...], key: tuple[int, ...]) -> tuple[int, ...]:
    """Philox 4x32-10 in Python's whole numbers."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(ROUNDS):
        (high0, low0), (high1, low1) = divmod(MULTIPLIERS[0] * c0, 1 << 32), divmod(MULTIPLIERS[1] * c2, 1 << 32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + WEYL[0]) & WORD, (k1 + WEYL[1]) & WORD
    return c0, c1, c2, c3


def test_the_published_answers_come_out() -> None:
    for counter, key, answer in KNOWN_ANSWERS:
        assert one_by_one(counter, key) == answer


@pytest.mark.parametrize("xp", [np, torch], ids=["numpy", "torch"])
def test_the_published_answers_come_out_of_arrays(xp: Any) -> None:
    words = [xp.asarray([row[0][word] for row in KNOWN_ANSWERS]) for word in range(4)]
    keys = [key_schedule(np.array([row[1][word] for row in KNOWN_ANSWERS]), WEYL[word]) for word in range(2)]
    found = philox((words[0], words[1], words[2], words[3]), zip(*map(xp.asarray, keys), strict=True))
    assert [tuple(int(word[row]) for word in found) for row in range(3)] == [row[2] for row in KNOWN_ANSWERS]


def test_a_value_is_the_word_of_its_seed_name_episode_and_period() -> None:
    seed, name, episode = (5 << 32) + 7, "demand/store_1/tea", 4_000_000_000
    name_hash = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
    found = uniforms(seed, ["other", name], np.array([3, episode]), 11)[:, 1, 1]
    for period, value in enumerate(found):
        words = one_by_one((episode, period // 4, name_hash >> 32, 5), (7, name_hash & WORD))
        assert value == (words[period % 4] + 0.5) / 2**32


def test_a_value_depends_on_no_other_episode_name_or_period() -> None:
    names, episodes = [f"name_{number}" for number in range(7)], np.arange(2 * CPU_CHUNK // 5)
    together = uniforms(3, names, episodes, 13)
    assert together.shape == (13, len(names), len(episodes))
    for j, b, periods in [(0, 0, 13), (6, len(episodes) - 1, 9), (3, CPU_CHUNK // 3, 1)]:
        assert (uniforms(3, [names[j]], episodes[b : b + 1], periods)[:, 0, 0] == together[:periods, j, b]).all()
    assert (uniforms(3, names[::-1], episodes[::-5], 13) == together[:, ::-1, ::-5]).all()


@pytest.mark.parametrize(
    ("names", "episodes", "periods"), [(1, 20_000, 5), (300, 1, 100), (3, 2, 1), (2, 0, 3), (0, 2, 3), (1, 1, 0)]
)
def test_numpy_and_pytorch_give_the_same_bits(names: int, episodes: int, periods: int) -> None:
    labels = [f"n{number}" for number in range(names)]
    ours, theirs = (uniforms(2**64 - 1, labels, xp.arange(episodes), periods) for xp in (np, torch))
    assert ours.shape == tuple(theirs.shape) == (periods, names, episodes)
    assert ours.dtype == np.float64
    assert theirs.dtype == torch.float64
    assert np.array_equal(ours, theirs.numpy())


def test_values_are_uniform_and_never_0_or_1() -> None:
    values = uniforms(11, ["a", "b", "c"], np.arange(5000), 40).reshape(-1)
    assert values.min() > 0
    assert values.max() < 1
    counts = np.bincount((values * 1000).astype(int), minlength=1000)
    assert stats.chisquare(counts).pvalue > 0.001
    assert stats.kstest(values, "uniform").pvalue > 0.001


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["periods", "names", "episodes"])
def test_neighbours_are_uncorrelated(axis: int) -> None:
    values = uniforms(12, [f"store_{number}/tea" for number in range(20)], np.arange(500), 20) - 0.5
    first, second = (np.take(values, range(start, 19 + start), axis=axis) for start in (0, 1))
    correlation = float((first * second).mean() * 12)
    assert abs(correlation) < 3.29 / np.sqrt(first.size)


def test_each_half_of_a_seed_counts() -> None:
    seeds = [0, 1, 2**32, 2**63, 2**64 - 1]
    values = [float(uniforms(seed, ["a"], np.arange(1), 1)[0, 0, 0]) for seed in seeds]
    assert len(set(values)) == len(seeds)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_beyond_64_bits_is_refused(seed: int) -> None:
    with pytest.raises(InputError, match="seed: found"):
        uniforms(seed, ["a"], np.arange(1), 1)


@pytest.mark.parametrize("episode", [-1, 2**32])
@pytest.mark.parametrize("xp", [np, torch], ids=["numpy", "torch"])
def test_an_episode_beyond_32_bits_is_refused(xp: Any, episode: int) -> None:
    with pytest.raises(InputError, match="episodes: found"):
        uniforms(0, ["a"], xp.asarray([0, episode]), 1)
