"""How something that is short is shared, in plain Python: by each of the sites' rules, one resource at a time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Claim:
    """What somebody wants of a resource, and what the rules look at."""

    asked: float
    lines: list[tuple[int, float]] = field(default_factory=list)
    """How old which part of all that he is owed is; what he asks for may be less."""
    stock: float = 0.0
    """What he has or is being sent already, and the mean demand that it has to cover."""
    weight: float = 0.0
    pack: float = 0.0
    priority: int = 0


Claims = dict[str, Claim]
Shares = dict[str, float]


def whole(units: float, pack: float) -> float:
    """As many full packs as there are units for; a millionth of one may be missing, or be too much."""
    if pack == 0 or abs(units - round(units / pack) * pack) <= 1e-6 * pack:
        return units
    return units // pack * pack


def share_out(rule: str, claims: Claims, have: float) -> Shares:
    """Who gets what of as much as there is; where it reaches, what was asked."""
    asked = {label: claim.asked for label, claim in claims.items()}
    have = max(have, 0.0)
    if sum(asked.values()) <= have:
        shares = asked
    elif rule == "proportional":
        shares = {label: units * have / sum(asked.values()) for label, units in asked.items()}
    elif rule == "priority":
        return by_priority(claims, have)
    elif rule == "first_come":
        shares = by_turn(claims, have)
    elif rule == "uniform":
        shares = water_filling(asked, have)
    elif rule == "linear":
        shares = less_the_same(asked, have)
    else:
        shares = even_cover(claims, have)
    queue = sorted(claims, key=lambda label: claims[label].priority)
    parts, most = ([of[label] for label in queue] for of in (shares, asked))
    return dict(zip(queue, hand_out(parts, most, have, [claims[label].pack for label in queue]), strict=True))


def by_priority(claims: Claims, have: float) -> Shares:
    """The lowest number first."""
    shares = {}
    for label in sorted(claims, key=lambda label: claims[label].priority):
        shares[label] = whole(min(claims[label].asked, have), claims[label].pack)
        have -= shares[label]
    return shares


def by_turn(claims: Claims, have: float) -> Shares:
    """Who has waited longest comes first; those who have waited as long get the same share."""
    shares = dict.fromkeys(claims, 0.0)
    for age in sorted({old for claim in claims.values() for old, _ in claim.lines}, reverse=True):
        due = {label: sum(units for old, units in claim.lines if old == age) for label, claim in claims.items()}
        due = {label: min(units, claims[label].asked - shares[label]) for label, units in due.items()}
        part = min(1.0, have / sum(due.values())) if sum(due.values()) > 0 else 0.0
        shares = {label: units + part * due[label] for label, units in shares.items()}
        have -= part * sum(due.values())
    return shares


def water_filling(asked: Shares, have: float) -> Shares:
    """Whoever asks for least is served first, with no more than an equal part of what is left."""
    shares, left = {}, len(asked)
    for label in sorted(asked, key=lambda label: asked[label]):
        shares[label] = min(asked[label], have / left)
        have, left = have - shares[label], left - 1
    return shares


def less_the_same(asked: Shares, have: float) -> Shares:
    """The same is taken off every order; whoever would be left with less than nothing gets nothing, and drops out."""
    inside = dict(asked)
    while True:
        off = (sum(inside.values()) - have) / len(inside)
        dropped = [label for label, units in inside.items() if units < off]
        if not dropped:
            return {label: units - off if label in inside else 0.0 for label, units in asked.items()}
        for label in dropped:
            del inside[label]


def even_cover(claims: Claims, have: float) -> Shares:
    """Raise the cover of those who have least until there is nothing left."""
    largest = max(claim.weight for claim in claims.values())
    weight = {label: max(claim.weight, 1e-3 * largest) or 1.0 for label, claim in claims.items()}

    def shares(cover: float) -> Shares:
        return {label: min(max(cover * weight[label] - claim.stock, 0.0), claim.asked) for label, claim in claims.items()}

    turns = {claim.stock / weight[label] for label, claim in claims.items()} | {
        (claim.stock + claim.asked) / weight[label] for label, claim in claims.items()
    }
    high = min((cover for cover in turns if sum(shares(cover).values()) > have), default=max(turns))
    low = max((cover for cover in turns if cover < high), default=high)
    below, above = sum(shares(low).values()), sum(shares(high).values())
    return shares(low + (have - below) / (above - below) * (high - low) if above > below else low)


def hand_out(shares: list[float], asked: list[float], have: float, packs: list[float]) -> list[float]:
    """Full packs instead of shares: those nearest to another one come first. What a pack lacks, a millionth, nobody has."""
    full = [*map(whole, shares, packs)]
    rest = [round((s - f) / p * 1e6) if s != f else 0 for s, f, p in zip(shares, full, packs, strict=True)]
    if not any(rest):
        return shares
    queue = sorted(range(len(full)), key=lambda n: -rest[n])
    for n in queue:
        room = min(asked[n] - full[n], have - sum(full))
        if rest[n] and room >= packs[n] * (1 - 1e-6):
            full[n] += min(packs[n], room)
    for n in queue:
        room = min(asked[n] - full[n], have - sum(full))
        full[n] += whole(room, packs[n]) if room > 1e-6 * packs[n] else 0.0
    return full
