"""What can be known, and by whom: fields, visibility, the feed, observations, and the protocol of policies.

Imports `autonomy`, `physics` and what is below them. Nobody above it reads the state.
"""

from . import event_fields as event_fields  # registers its fields beside those of `fields`
from . import forecast_fields as forecast_fields  # likewise
from . import making_fields as making_fields  # likewise
