"""What two sites that trade pay each other beside the price: the linear terms of a lane.

Source: Cachon and Zipkin, Competitive and cooperative inventory policies in a two-stage supply chain, Management Science 45
(1999), for who bears the customers' backlog and for payments linear in stock and backlogs; Pasternack, Marketing Science 4
(1985), for buy-back; Cachon and Lariviere, Management Science 51 (2005), for revenue sharing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from ..demand import NotNegative, PerProduct
from ..foundation.errors import InputError
from ..foundation.validation import Keys

Share = Annotated[float, Field(ge=0, le=1)]


class Terms(Keys):
    """Who pays whom for what, on top of the price: it sums to nothing over the two sites of the lane.

    Payments are the source's to the destination, or the other way where they are negative, unless something else is said.
    """

    backlog_share: Share = Field(0.0, description="Of what customers' shortage costs at the destination: the source bears it")
    on_hand: PerProduct = Field(
        0.0, description="Paid per unit on the destination's shelf at a period's end [money/unit/period]"
    )
    backlog: PerProduct = Field(
        0.0,
        description="Paid per unit that the destination's customers are owed at a period's end, or that is lost [money/unit]",
    )
    late: PerProduct = Field(
        0.0, description="Paid per unit that the source knows of and has not shipped at a period's end [money/unit/period]"
    )
    buy_back: NotNegative = Field(
        0.0, description="Paid per unit past its shelf life, or on the destination's shelf when the episode ends [money/unit]"
    )
    revenue_share: Share = Field(0.0, description="Of what customers pay at the destination: passed on to the source")

    @model_validator(mode="after")
    def _something(self) -> Terms:
        if all(getattr(self, name) == 0.0 for name in type(self).model_fields):
            raise InputError("", "no payment", f"at least one of {', '.join(type(self).model_fields)}, other than 0")
        return self
