"""The rate of a copy that the array makes, as far as a request may choose it."""

from typing import Literal, TypeAlias

from pydantic import model_validator as check_whole

from .fields import Flag, JobSpec

Rate: TypeAlias = Literal["low", "medium", "high", "asap"]


class Rated(JobSpec):
    """What every spec has whose job migrates."""

    rate: Rate | None = None
    """How fast the array copies; as the settings say if not given."""
    allow_asap: Flag = False
    """Must be true beside `rate=asap`, which can starve the array's hosts."""

    @check_whole(mode="after")
    def _asap_is_meant(self) -> "Rated":
        if self.rate == "asap" and not self.allow_asap:
            raise ValueError("rate asap can starve the array's hosts: give allow_asap=true too, or another rate")
        return self
