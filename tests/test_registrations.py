"""What is expected of scenarios was registered before it was put to the test, and of the scenarios as they are."""

from __future__ import annotations

from datetime import date

from benchmarks.registrations import PATH, as_lines, missing
from orderup.envs.catalogue import load_scenario, varied
from orderup.evaluation.studies.registrations import registered_on, registrations


def test_every_hypothesis_of_a_shipped_scenario_is_registered() -> None:
    assert not missing(registrations(), date.today())


def test_no_registration_is_of_the_future_or_there_twice() -> None:
    known = registrations()
    assert all(entry.registered <= date.today() for entry in known)
    assert len({entry.what for entry in known}) == len(known)


def test_a_scenario_that_was_changed_has_to_be_registered_anew() -> None:
    scenario = load_scenario("scarce_hub")
    assert scenario.card is not None
    asked = scenario.card.hypotheses[0]
    other = varied(scenario, {"horizon": 199, "name": "scarce_hub"})
    assert registered_on(scenario, asked) is not None
    assert registered_on(other, asked) is None


def test_the_file_is_what_it_is_written_as() -> None:
    assert PATH.read_text(encoding="utf-8") == as_lines(registrations())
