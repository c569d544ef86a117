"""The network as a small text table."""

from __future__ import annotations

from ..information import Information, Snapshot


def picture(now: Snapshot) -> str:
    """Stock, backlog and what is on order at every site, all products together [units]."""
    everything = Information(now, "integrated", ())
    columns = ("on_hand", "backlog", "owed", "unfilled", "pipeline", "demand")
    rows = [f"period {now.period}", f"{'site':<14}" + "".join(f"{name:>10}" for name in columns)]
    for number, site in enumerate(now.network.sites):
        amounts = [float(everything.own(name)[0, number].sum()) for name in columns]
        rows.append(f"{site:<14}" + "".join(f"{amount:>10.1f}" for amount in amounts))
    return "\n".join(rows)
