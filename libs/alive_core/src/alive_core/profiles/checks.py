"""Holds promises against abilities: pure, and the only place that knows what keeping a promise means."""

from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile, Target


def broken_promises(profile: Profile, target: Target, abilities: Abilities) -> list[str]:
    """What `profile` promises and `target` cannot keep, one sentence each; empty where it keeps everything.

    A demo target is exempt from the promised context only.
    """
    promises, broken = profile.promises, []
    if profile.task not in abilities.tasks:
        broken.append(f"it cannot {profile.task} (its adapter needs a method of that name)")
    if promises.tools and not abilities.tools:
        broken.append("it cannot call tools")
    if promises.json_schema and not abilities.json_schema:
        broken.append("it cannot enforce a JSON Schema")
    if promises.dimensions is not None and promises.dimensions != abilities.dimensions:
        broken.append(f"its vectors have {_known(abilities.dimensions)} dimensions, not {promises.dimensions}")
    if promises.context is not None and not target.demo and (abilities.context or 0) < promises.context:
        broken.append(f"its context window has {_known(abilities.context)} tokens, not {promises.context}")
    return broken


def _known(number: int | None) -> str:
    return "an unknown number of" if number is None else str(number)
