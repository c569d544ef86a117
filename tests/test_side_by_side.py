"""What comparing two checkouts' speed measures."""

from __future__ import annotations

import pytest

from benchmarks.side_by_side import HERE, WORKS, compared


@pytest.mark.slow
def test_a_checkout_takes_about_as_long_as_itself() -> None:
    (found,) = compared(HERE, pairs=9, works=["wide_work()"]).values()
    assert len(found) == 9
    assert 0.7 < sorted(found)[4] < 1.4


@pytest.mark.slow
def test_what_no_checkout_knows_is_not_measured() -> None:
    assert "unheard_of()" not in WORKS.values()
    with pytest.raises(RuntimeError, match="ended"):
        compared(HERE, pairs=1, works=["unheard_of()"])
