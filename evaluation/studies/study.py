"""What a study asks, as its YAML says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, Field, field_validator, model_validator

from orderup.envs.catalogue import config_folder, list_configs
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import Count, Keys, Seed, validated
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..report.report import NAME

M = TypeVar("M", bound=BaseModel)
SomeEntries = Annotated[list[Any], Field(min_length=1)]


class Study(Keys):
    """Every agent at every autonomy level of every scenario, each learner once for every seed, all on the same traces."""

    name: str = Field(pattern=f"^{NAME}$", description="Of its folders, runs/<name>/ and reports/<name>/")
    description: str = ""
    scenarios: SomeEntries = Field(description="Names or YAML paths")
    other_words: ClassVar[Mapping[str, str]] = {"agent": "agents"}
    levels: SomeEntries = Field(description="Names, YAML paths, or {type: …, <axis>: […]}, which sweeps an axis")
    agents: list[Any] = Field([], description="Rules and learners: names, package.module:Class, or {type: …, name: …, <keys>}")
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field([0], description="Of the trainings, for each learner")
    learner: dict[str, Any] = Field({}, description="Keys for every learner, as steps: 1_000_000")
    warm_start: bool = Field(
        False,
        description="Whether `pathwise`, at levels that can do all that silo sites can, starts from what it learnt at "
        "autonomous_silo of the same study with the same seed, where that costs less than its own start",
    )
    runs: list[str] = Field(
        [], description="Folders of runs trained elsewhere, each evaluated at the autonomy level it was trained at"
    )
    episodes: Count = Field(200, description="Demand traces of each scenario, the same for every method")
    trace_seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces; training's are lower")
    split: Literal["train", "validation", "test"] = Field("test", description="Window that recorded demand is drawn from")
    horizon: Count | None = Field(None, description="Periods in an episode, warm-up included; left out: the scenario's")

    @field_validator("seeds")
    @classmethod
    def _for_training(cls, seeds: list[int]) -> list[int]:
        for number, seed in enumerate(seeds):
            if seed >= FIRST_HELD_OUT_SEED:
                last = FIRST_HELD_OUT_SEED - 1
                raise InputError(f"[{number}]", seed, f"0 to {last}: those from {last + 1} on are evaluation's")
        check_once("", seeds)
        return seeds

    @model_validator(mode="after")
    def _somebody(self) -> Study:
        if not self.agents and not self.runs:
            raise InputError("agents", "nobody", "at least one agent, or runs")
        return self


def load_study(given: Any) -> Study:
    """A study from its name, the path of its YAML file, its keys, or itself.

    A mapping with `type` is the study of that name or path with other keys. Nothing is loaded yet of what it names. Raises
    InputError for what cannot be.
    """
    return given if isinstance(given, Study) else StudyKeys.of(given).made(Study)


@dataclass(frozen=True)
class StudyKeys:
    """The keys that a study is asked for with."""

    keys: dict[str, Any]
    where: str
    """What to call the place they come from."""
    changes: dict[str, Any]
    """Those that take the place of its file's."""

    @classmethod
    def of(cls, given: Any) -> StudyKeys:
        """From a name, a path, or keys. Raises InputError for what is not there."""
        if isinstance(given, Mapping) and given and not {"type", "name", "scenarios", "kind"} & set(given):
            example, value = next(iter(given.items()))
            raise InputError("study", dict(given), f"what these are keys of, too: study=<name> study.{example}={value}")
        if isinstance(given, Mapping) and "type" not in given:
            return cls(dict(given), "study", {})
        name, changes = (given.get("type"), given) if isinstance(given, Mapping) else (given, {})
        keys, where = _read(name)
        return cls(keys, where, {key: value for key, value in changes.items() if key != "type"})

    def made(self, kind: type[M]) -> M:
        """The study, of a kind. Raises InputError for what cannot be, where it stands."""
        study = validated(kind, self.keys, self.where)
        return validated(kind, {**self.keys, **self.changes}, "study") if self.changes else study


def check_once(key: str, found: Sequence[Any], accepted: str = "everything once") -> None:
    """Raises InputError where something is listed twice."""
    for entry in found:
        if found.count(entry) > 1:
            raise InputError(key, f"{entry} {found.count(entry)} times", accepted)


def _read(name: Any) -> tuple[dict[str, Any], str]:
    """The keys in a study's file, and what to call the file."""
    if isinstance(name, Path) or (isinstance(name, str) and name.endswith((".yaml", ".yml"))):
        return read_yaml(Path(name)), str(name)
    if not isinstance(name, str):
        raise InputError("study", name, "a name, a YAML path, or a mapping of keys")
    if name not in list_configs("studies"):
        raise UnknownName("study", name, list_configs("studies"))
    return read_yaml(config_folder("studies") / f"{name}.yaml"), f"{name}.yaml"
