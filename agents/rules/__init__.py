"""Local rules: one class to a file, by a site's own books, with numbers that are given, in closed form or fitted."""

from . import (  # noqa: F401 # importing them registers their agents
    can_order,
    capped_base_stock,
    constant_order,
    dual_index,
    forecast_newsvendor,
    myopic,
    periodic,
    r_q,
    s_s,
    single_index,
    smoothing,
    tailored_base_surge,
    transship,
)
