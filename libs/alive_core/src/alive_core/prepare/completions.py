"""From a completion request to a job."""

import msgspec

from alive_core.adapters.jobs import CompleteJob
from alive_core.constants import COMPLETION_CHOICES_LIMIT
from alive_core.errors import InvalidRequest
from alive_core.prepare.sampling import complete_sampling, refuse_overlong
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.profile import Profile
from alive_core.profiles.support import COMPLETE, refuse_unsupported
from alive_core.schemas.common import as_prompts
from alive_core.schemas.completions import CompletionRequest


def prepare_completion(
    body: CompletionRequest, profile: Profile, abilities: Abilities, *, job_id: str
) -> CompleteJob:
    """Apply defaults, limits and the support table. A `null` prompt begins a new document.

    Raises InvalidRequest for contradictions, UnsupportedParameter for what cannot be honoured.
    """
    refuse_unsupported(body, COMPLETE, abilities)
    if body.best_of is not None and body.best_of < (body.n or 1):
        raise InvalidRequest("`best_of` must be at least `n`.", param="best_of")
    if chooses_best(body) and body.stream:
        raise InvalidRequest("`best_of` above `n` cannot be streamed.", param="best_of")
    sampling = complete_sampling(body, profile.defaults)
    if chooses_best(body):
        # Which one is best, their log probabilities tell.
        sampling = msgspec.structs.replace(sampling, n=body.best_of or 1, top_logprobs=sampling.top_logprobs or 0)
    refuse_overlong(sampling, abilities, param="max_tokens")
    prompts = prepare_prompts("" if body.prompt is None else body.prompt)
    if len(prompts) * max(body.n or 1, body.best_of or 1) > COMPLETION_CHOICES_LIMIT:
        message = (
            f"`prompt` times `n` or `best_of` makes more than {COMPLETION_CHOICES_LIMIT} answers. "
            "Send several requests."
        )
        raise InvalidRequest(message, param="prompt")
    return CompleteJob(
        id=job_id,
        prompts=prompts,
        sampling=sampling,
        echo=bool(body.echo),
        suffix=body.suffix or None,
    )


def chooses_best(body: CompletionRequest) -> bool:
    """Whether more answers are to be made than given back."""
    return body.best_of is not None and body.best_of > (body.n or 1)


def prepare_prompts(sent: str | list[str | int | list[int]]) -> tuple[str | tuple[int, ...], ...]:
    """Any of OpenAI's four prompt forms as a tuple of texts or a tuple of token ids' tuples."""
    return tuple(prompt if isinstance(prompt, str) else tuple(prompt) for prompt in as_prompts(sent))
