"""The pages that are made from the code: `python -m benchmarks.pages` writes all of them."""

from __future__ import annotations

from orderup.envs.foundation.files import write_text

from . import DOCS, PAGES

for name, page in PAGES.items():
    (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
    write_text(DOCS / name, page())
    print(f"Written: {DOCS / name}")
