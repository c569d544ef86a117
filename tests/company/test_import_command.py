"""The command: options in, a table of decisions out, files written whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import orderup
from orderup.commands.import_ import main
from orderup.company.example import STORES, TODAY, write_example
from orderup.company.keys import Import
from orderup.envs.foundation.errors import InputError
from orderup.options import options

SALES = "date;site;product;quantity\n" + "".join(
    f"2023-{1 + week // 5:02d}-{1 + 5 * (week % 5):02d};{site};007;{5 + week % 3}\n"
    for week in range(55)
    for site in ("Köln", "Ulm")
)


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("sales (2).csv").write_text(SALES, encoding="utf-8")
    return tmp_path


def test_options_are_written_as_options_or_as_keys_and_files_as_they_are_called() -> None:
    told = ["--demand", "my, sales.csv", "--strict", "period=week", "--columns.demand.quantity=Absatz, netto", "-o", "n.yaml"]
    assert options([*told, "--only-sites", "007,Köln", "--units", "{box: 12}"], Import, {"-o": "output"}) == {
        "demand": "my, sales.csv",
        "strict": True,
        "period": "week",
        "columns": {"demand": {"quantity": "Absatz, netto"}},
        "output": "n.yaml",
        "only_sites": ["007", "Köln"],
        "units": {"box": 12},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--demnd", "a.csv"], "option: found 'demnd'; accepted: .*did you mean 'demand'"),
        (["--demand"], "--demand: found 'nothing after it'"),
        (["--demand", "a.csv", "demand=b.csv"], "demand: found 'given twice'"),
        (["sales.csv"], "option: found 'sales.csv'; accepted: --key value, or key=value"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        options(arguments, Import, {"-o": "output"})


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("lead_time=0310", "lead_time: found '0310'; accepted: .*whole number"),  # by YAML 1.1 it is 200
        ("horizon=3:20", "horizon: found '3:20'; accepted: .*whole number"),  # likewise
        ("service={}", "service"),
        ("service={X: 0.9}", "service"),
        ("sheet=2", "sheet: found '2'; accepted: nothing where no file is a workbook"),
    ],
)
def test_what_cannot_be_meant_is_refused(sales: Path, told: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        main(["--demand", "sales (2).csv", told])


def test_names_that_look_like_numbers_are_names(sales: Path) -> None:
    names = ["1e5", "3E2", "0310", "12:30", "1_000", ".5", "null", "yes", "~"]
    days = [f"2024-0{1 + day // 28}-{1 + day % 28:02}" for day in range(0, 84, 7)]
    rows = [f"{day},{name},{name},{5 + number % 3}" for number, day in enumerate(days) for name in names]
    Path("odd.csv").write_text("\n".join(["date,site,product,quantity", *rows]))
    main(["--demand", "odd.csv", "-o", "odd.yaml"])
    scenario = orderup.load_scenario("odd.yaml")
    assert (sorted(scenario.products), sorted(scenario.sites)) == (sorted(names), sorted(names))


def test_decisions_and_assumptions_are_told_before_files_are_written(sales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demand", "sales (2).csv", "--period", "week", "-o", "Netz Süd.yaml"]) == 0
    told = capsys.readouterr().out
    assert told.index("gaps=") < told.index("What no file tells and was assumed") < told.index("Written: Netz Süd.yaml")
    scenario = orderup.load_scenario("Netz Süd.yaml")
    assert (scenario.name, scenario.period, list(scenario.sites)) == ("netz_s_d", "week", ["Köln", "Ulm"])
    text = Path("Netz Süd.yaml").read_text(encoding="utf-8")
    assert all(f"# - {assumption[:40]}" in text for assumption in scenario.assumptions)


def test_without_an_output_nothing_is_written(sales: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demand", "sales (2).csv"]) == 0
    assert "Nothing is written" in capsys.readouterr().out
    assert [path.name for path in sales.iterdir()] == ["sales (2).csv"]


def test_what_is_there_is_replaced_only_if_asked(sales: Path) -> None:
    main(["--demand", "sales (2).csv", "-o", "n.yaml"])
    Path("n.yaml").write_text("mine")
    with pytest.raises(InputError, match="output: found 'n.yaml'; accepted: a name that is not taken, or overwrite=true"):
        main(["--demand", "sales (2).csv", "-o", "n.yaml"])
    assert Path("n.yaml").read_text() == "mine"
    main(["--demand", "sales (2).csv", "-o", "n.yaml", "--overwrite"])
    assert orderup.load_scenario("n.yaml").name == "n"


def test_what_is_refused_leaves_nothing_behind(sales: Path) -> None:
    Path("bad.csv").write_text("date,product,quantity\n2024-01-01,x,1\n2024-01-02,x,oops\n")
    with pytest.raises(InputError, match="row 3, column quantity"):
        main(["--demand", "bad.csv", "-o", "n.yaml"])
    assert not Path("n.yaml").exists()


def test_the_made_up_company_is_the_same_every_time_and_comes_to_a_network(tmp_path: Path) -> None:
    first, second = write_example(tmp_path / "a"), write_example(tmp_path / "b")
    assert [_digest(path) for path in first] == [_digest(path) for path in second]
    assert sum(path.stat().st_size for path in first) < 400_000
    demand, sites, lanes, receipts, stock, costs = first
    found = orderup.network_from_tables(
        demand,
        sites=sites,
        lanes=lanes,
        receipts=receipts,
        stock=stock,
        costs=costs,
        today=TODAY.isoformat(),
        zeros="ignore",
        negative_stock="backlog",
    )
    scenario = found.scenario
    assert {name for name, site in scenario.sites.items() if site.role == "store"} == {
        one for some in STORES.values() for one in some
    }
    assert len(scenario.products) == 40
    (slow,) = [lane for lane in scenario.lanes if lane.destination == "HAM"]
    assert set(slow.lead_time.chances()) == {3, 4, 5}
    written = {path.name for path in found.write(tmp_path / "netz.yaml")}
    assert written == {"netz.yaml", "netz-record.csv.gz", "netz-recorded.yaml", "stock.csv", "under_way.csv"}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
