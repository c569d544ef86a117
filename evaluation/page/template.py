"""Templates of pages: in all of them everything is escaped, nothing may be missing, and head and style are the same."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup


def template(package: Any, name: str) -> Template:
    """One of a package's. It may include `head.html`, which needs a `title` and, where there are scripts, their `policy`."""
    environment = Environment(
        autoescape=True,
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__package__ or "")]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(own_file("page.css"))
    return environment.get_template(name)


def own_file(name: str) -> str:
    """The text of a file beside the templates of this package."""
    return files(__package__ or "").joinpath("templates", name).read_text(encoding="utf-8")
