"""`/health/live` and `/health/ready`: what supervisors and balancers ask."""

from typing import Literal

from alive_core.schemas.common import ResponseStruct
from alive_core.schemas.models import State


class Liveness(ResponseStruct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Readiness(ResponseStruct, frozen=True, kw_only=True):
    """The default profile can be served, now or by loading its model first."""

    status: Literal["ready"] = "ready"
    profile: str
    state: State
