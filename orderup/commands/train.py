"""`orderup train`: train a policy and keep it in runs/<name>."""

from __future__ import annotations

from typing import Any

from orderup.agents.training.command import Train, check_names_differ, keys_of, prepared_of
from orderup.agents.training.train import DEFAULT, PreparedTraining, allowing, carry_out
from orderup.cli import HELP, asks_help, parse, usage
from orderup.envs.foundation.imports import packages_of
from orderup.envs.foundation.invocation import command_line
from orderup.envs.foundation.terminal import say
from orderup.envs.foundation.validation import validated

EXAMPLES = (
    "scenario=owmr",
    "scenario=owmr autonomy=central_ideal agent=ppo agent.hidden=[64,64] seed=1 name=mine",
    "scenario=owmr seed=0,1,2 workers=2",
    "resume=runs/mine",
    "scenario=owmr tune=20",
    "-m scenario=owmr,serial_poisson seed=0,1,2 steps=200_000",
    "study=ladder workers=2",
)


def main(arguments: list[str]) -> int:
    """Train the run that is asked for, or with -m each of them, all being checked before the first begins."""
    if asks_help(arguments):
        print(_help([argument for argument in arguments if argument not in HELP]))
        return 0
    asked = parse(arguments, together=("seed",))
    if any("study" in keys for keys in asked):
        return _studies(asked, arguments)
    jobs = [validated(Train, keys) for keys in asked]
    trainings = [prepared_of(keys) for keys in jobs]
    check_names_differ([prepared for several in trainings for prepared in several])
    return max(_done(keys, several, arguments) for keys, several in zip(jobs, trainings, strict=True))


def _examples() -> list[str]:
    return [f"{command_line('train')} {keys}" for keys in EXAMPLES]


def _help(arguments: list[str]) -> str:
    """All keys, and those of the agent that is asked for."""
    keys = parse(arguments, together=("seed",))[0]
    if "study" in keys:
        from orderup.evaluation.studies.command import StudyCommand

        return usage(StudyCommand, _examples()[-1:])
    agent = keys.get("agent", DEFAULT)
    name = agent.get("type", DEFAULT) if isinstance(agent, dict) else agent
    heading = f"Keys of agent={name} (default, meaning), the reasons in configs/agents/:"
    return "\n".join([usage(Train, _examples()), "", heading, keys_of(agent)])


def _studies(asked: list[dict[str, Any]], arguments: list[str]) -> int:
    from orderup.evaluation.studies.command import request, train_study  # the evaluation with it, which takes its time

    return max([train_study(each, arguments) for each in [request(keys) for keys in asked]])


def _done(keys: Train, trainings: list[PreparedTraining], arguments: list[str]) -> int:
    if keys.tune is not None:
        return _tuned(keys, trainings, arguments)
    if len(trainings) > 1:
        return _seeds_trained(keys, trainings)
    (prepared,) = trainings
    if prepared.finished:
        say(f"Finished already: {prepared.folder}")
    carry_out(prepared, progress=True)
    _say_how_to_evaluate([prepared])
    return 0


def _seeds_trained(keys: Train, trainings: list[PreparedTraining]) -> int:
    from orderup.agents.training.seeds import show, train_seeds

    codes = train_seeds(trainings, keys.workers)
    show(trainings, codes)
    _say_how_to_evaluate([prepared for prepared, code in zip(trainings, codes, strict=True) if code == 0])
    return 1 if any(codes) else 0


def _tuned(keys: Train, trainings: list[PreparedTraining], arguments: list[str]) -> int:
    from orderup.agents.training.tuning import tune

    best = tune(trainings[0], keys.tune or 1, keys.tune_steps)
    left_out = {"tune", "tune_steps", "name", "overwrite", *(f"agent.{key}" for key in best.keys)}
    kept = [argument for argument in arguments if argument.partition("=")[0] not in left_out]
    say(command_line("train", *kept, *best.arguments))
    say(f"Written: {best.folder / 'tuning.csv'}, {best.folder / 'best.yaml'}")
    return 0


def _say_how_to_evaluate(done: list[PreparedTraining]) -> None:
    if done:
        say("\n".join(f"Run: {prepared.folder}" for prepared in done))
        runs = ",".join(str(prepared.folder) for prepared in done)
        allowed = allowing(packages_of(done[0].config.model_dump(mode="json")))
        say(f"Evaluate it: {command_line('evaluate', f'runs=[{runs}]', *allowed)}")
