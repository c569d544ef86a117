"""What is kept, and what goes first."""

from __future__ import annotations

from orderup.envs.numerics.kept import Kept


def test_what_was_used_longest_ago_goes_when_there_are_too_many_bytes() -> None:
    kept, made = Kept[str](10, len), list[str]()

    def get(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key * 4

        return kept.get(key, make)

    assert [get(key) for key in "abacb"] == ["aaaa", "bbbb", "aaaa", "cccc", "bbbb"]
    assert made == ["a", "b", "c", "b"]  # a was used again, so that b went for c
    assert len(kept) == 2


def test_a_value_that_is_larger_than_all_is_kept_alone() -> None:
    kept = Kept[str](3, len)
    assert kept.get("a", lambda: "long") is kept.get("a", lambda: "another")
    assert len(kept) == 1
