"""Studies: scenarios × autonomy levels × agents × seeds, trained and evaluated job by job, whatever stops them in between."""

from .study import Study, load_study

__all__ = ["Study", "load_study"]
