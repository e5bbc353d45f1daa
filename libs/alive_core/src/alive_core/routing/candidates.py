"""Which targets of a profile may answer a request, before anyone asks how they are."""

from collections.abc import Sequence

from msgspec.structs import replace

from alive_core.adapters.jobs import CompleteJob, DetokenizeJob, EmbedJob, Job, TokenizeJob
from alive_core.errors import FingerprintMismatch
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Condition
from alive_core.routing.roster import Route


def relied_on(routes: Sequence[Route], fingerprint: str | None) -> Sequence[Route]:
    """The routes whose model is the one that a request relies on; all, where it relies on none.

    Raises FingerprintMismatch where there is none.
    """
    if fingerprint is None:
        return routes
    agreeing = [route for route in routes if route.abilities.fingerprint == fingerprint]
    if not agreeing:
        raise FingerprintMismatch(
            f"The request relies on the fingerprint `{fingerprint}`, but the model that serves now has "
            f"`{routes[0].abilities.fingerprint}`.",
            param="alive.fingerprint",
        )
    return agreeing


def is_tied(job: Job) -> bool:
    """Whether the answer only makes sense from one model: vectors go into an index, tokens are its own numbers.

    Text is text, whoever continues it.
    """
    match job:
        case EmbedJob() | TokenizeJob() | DetokenizeJob():
            return True
        case CompleteJob():
            return any(not isinstance(prompt, str) for prompt in job.prompts)
        case _:
            return False


def joint_abilities(routes: Sequence[Route], conditions: Sequence[Condition]) -> Abilities:
    """What a profile with `routes` can do where `conditions` let a request go on: what any one of them can.

    There is at least one route; its fingerprint and vectors stand for the profile.
    """
    first = routes[0].abilities
    others = [route.abilities for route in routes]
    if "refused" in conditions:
        first = replace(
            first,
            tools=any(other.tools for other in others),
            json_schema=any(other.json_schema for other in others),
            parameters=frozenset[str]().union(*(other.parameters for other in others)),
        )
    if "too_long" in conditions and first.context is not None:
        first = replace(first, context=max(other.context or 0 for other in others))
    return first
