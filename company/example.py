"""A company that there is not: twelve stores, three warehouses and forty articles, with files as dirty as real ones are."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from orderup.envs.foundation.files import write_bytes

WAREHOUSES = {"HAM": "Hamburg", "NUE": "Nürnberg", "KOE": "Köln-Süd"}
STORES = {
    "HAM": ("Altona", "Lübeck", "Kiel", "Bremen"),
    "NUE": ("Fürth", "München Ost", "Augsburg", "Regensburg"),
    "KOE": ("Bonn", "Aachen", "Düsseldorf", "Essen"),
}
SUPPLIERS = {"HAM": "Seefracht Müller & Söhne", "NUE": "Alpenwerk AG", "KOE": "Seefracht Müller & Söhne"}
WORDS = ("Tee grün", "Tee schwarz", "Kaffee, ganz", "Kakao", "Honig", "Müsli", "Reis", "Öl", "Nudeln", "Gewürz")
ARTICLES = tuple(f"00{1045 + 7 * number}" for number in range(40))
FIRST, WEEKS = dt.date(2023, 1, 2), 104
TODAY = FIRST + dt.timedelta(weeks=WEEKS)


def write_example(folder: Path | str, seed: int = 7) -> list[Path]:
    """Write the company's files into a folder, the same for a seed; their paths come back.

    `bewegungen.csv.gz`: stock moves as Odoo exports them, two years of them, with returns, moves between sites, moves that
    are not done, rows that are there twice, empty ones and a total. `standorte.csv` is in Latin-1. `bestand.csv` has been in
    Excel, which took the zeros off article numbers, and some of it is below nothing. `lieferwege.csv`, `wareneingang.csv` and
    `artikel.csv` have German words, dates and decimal commas.
    """
    rng = np.random.default_rng(seed)
    made = {
        "bewegungen.csv.gz": gzip.compress(_moves(rng).encode("utf-8-sig"), mtime=0),
        "standorte.csv": _sites().encode("latin-1"),
        "lieferwege.csv": _lanes().encode("cp1252"),
        "wareneingang.csv": _receipts(rng).encode("utf-8"),
        "bestand.csv": _stock(rng).encode("cp1252"),
        "artikel.csv": _articles(rng).encode("cp1252"),
    }
    for name, data in made.items():
        write_bytes(Path(folder) / name, data)
    return [Path(folder) / name for name in made]


def _stores() -> list[str]:
    return [store for stores in STORES.values() for store in stores]


def _means() -> NDArray[np.float64]:
    """Mean weekly sales of each store and article."""
    size = np.linspace(0.6, 1.7, len(_stores()))
    return np.asarray(np.outer(size, 14.0 * np.arange(1, len(ARTICLES) + 1) ** -0.7))


def _moves(rng: np.random.Generator) -> str:
    week = np.arange(WEEKS)
    season = 1 + 0.25 * np.sin(2 * np.pi * (week - 8) / 52)
    together = rng.gamma(12.0, 1 / 12.0, (WEEKS, len(ARTICLES)))
    lines = ["Datum;Referenz;Produkt;Von;Nach;Menge;Status"]
    means, number = _means(), 0
    for at in week:
        sold = rng.poisson(rng.gamma(6.0, means * together[at] * season[at] / 6.0))
        day = FIRST + dt.timedelta(weeks=int(at), days=int(rng.integers(0, 6)))
        for store, name in enumerate(_stores()):
            for article in np.flatnonzero(sold[store]):
                number += 1
                lines.append(_move(day, number, int(article), f"{name}/Bestand", "Partner/Kunden", float(sold[store, article])))
            if rng.random() < 0.15:
                lines.append(_move(day, number, 3, "Partner/Kunden", f"{name}/Bestand", 1.0))
            if rng.random() < 0.1:
                lines.append(_move(day, number, 4, "HAM/Bestand", f"{name}/Bestand", 24.0))
        if at % 17 == 5:
            lines += [lines[-1], "", _move(day, number, 2, f"{name}/Bestand ", "Partner/Kunden", 3.0, "Wartend")]
    return "\n".join([*lines, f"Gesamt;;;;;{number},00;"]) + "\n"


def _move(
    day: dt.date, number: int, article: int, source: str, destination: str, amount: float, state: str = "Erledigt"
) -> str:
    product = f"[{ARTICLES[article]}] {WORDS[article % len(WORDS)]}"
    quantity = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"{day:%d.%m.%Y} 17:30:00;OUT/{number:06d};{product};{source};{destination};{quantity};{state}"


def _sites() -> str:
    rows = ["Standort;Typ;Beliefert von", *(f"{code};Zentrallager;" for code in WAREHOUSES)]
    return "\n".join([*rows, *(f"{store};Filiale;{code}" for code, stores in STORES.items() for store in stores)]) + "\n"


def _lanes() -> str:
    rows = ["Lieferwege 2024;;;;", "Von;Nach;Lieferzeit (Tage);Bestellkosten;Mindestmenge"]
    rows += [f"{SUPPLIERS[code]};{code};{21 if code != 'NUE' else 14};35,00 €;24" for code in WAREHOUSES]
    return "\n".join([*rows, *(f"{code};{store};5;4,50 €;" for code, stores in STORES.items() for store in stores)]) + "\n"


def _receipts(rng: np.random.Generator) -> str:
    rows = ["Lieferant;Lager;Artikel;Bestelldatum;Wareneingang;Menge"]
    for code in WAREHOUSES:
        usual = 3 if code != "NUE" else 2
        for week in range(40, WEEKS):
            late = int(rng.choice([0, 0, 0, 7, 14]))
            ordered, article = FIRST + dt.timedelta(weeks=week), ARTICLES[week % len(ARTICLES)]
            received = ordered + dt.timedelta(days=7 * usual + late - int(rng.integers(0, 3)))
            came = f"{received:%d.%m.%Y}" if received < TODAY else ""
            rows.append(f"{SUPPLIERS[code]};{code};{article};{ordered:%d.%m.%Y};{came};{48 * int(rng.integers(1, 4))}")
    return "\n".join(rows) + "\n"


def _stock(rng: np.random.Generator) -> str:
    """As Excel saves it: article numbers without their zeros."""
    rows = ["Filiale;Artikel;Bestand;Stand"]
    for store, name in enumerate(_stores()):
        for article, mean in enumerate(_means()[store]):
            amount = -2 if rng.random() < 0.01 else round(float(mean * rng.uniform(0.5, 3)))
            rows.append(f"{name};{int(ARTICLES[article])};{amount};{TODAY:%d.%m.%Y}")
    every = _means().sum(axis=0) / len(WAREHOUSES)
    rows += [
        f"{code};{int(ARTICLES[article])};{round(float(every[article] * rng.uniform(2, 5)))};{TODAY:%d.%m.%Y}"
        for code in WAREHOUSES
        for article in range(len(ARTICLES))
    ]
    return "\n".join(rows) + "\n"


def _articles(rng: np.random.Generator) -> str:
    rows = ["Artikelnummer;Bezeichnung;Einstandspreis;Warengruppe"]
    for number, article in enumerate(ARTICLES):
        value = f"{float(rng.uniform(1, 30)):.2f}".replace(".", ",")
        group = "Getränke" if number % len(WORDS) < 4 else "Lebensmittel"
        rows.append(f'{article};"{WORDS[number % len(WORDS)]}";{value} €;{group}')
    return "\n".join(rows) + "\n"
