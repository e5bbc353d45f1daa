"""From a job to what llama.cpp's server engine understands. Pure.

Source of the fields: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md, `POST /completion` and
`POST /apply-template`.
"""

import json
from typing import Final

import msgspec

from alive_core import ChatJob, CompleteJob, InvalidRequest, Sampling, UnsupportedParameter
from alive_core.dialects import Dialect, Pieces, template_document, template_message, template_tool
from command_server.constants import (
    DEFAULT_TEMPERATURE,
    DEFAULT_TOP_P,
    PENALTY_WINDOW_TOKENS,
    SEED_MODULUS,
    TOP_K,
)

_NEVER: Final = False  # the engine's word for a bias of minus infinity

Prompt = str | tuple[int, ...]
Body = dict[str, object]

_ROUND_SEED_STEP: Final = 7919  # keeps the seeds of several calls apart; the engine itself counts up within a call


class Call(msgspec.Struct, frozen=True):
    """One request to the engine: `choices` answers, numbered from `first_choice`."""

    body: Body
    first_choice: int
    choices: int
    prompt: int = 0
    """Which of the job's prompts this continues; a prompt's tokens are counted once."""


def template_body(job: ChatJob) -> Body:
    """What renders the conversation with the model's own chat template."""
    body: Body = {"messages": [template_message(message, arguments=_plain) for message in job.messages]}
    if job.tools and job.tool_choice != "none":
        body["tools"] = [template_tool(tool) for tool in job.tools]
    if job.documents:
        # Without the variable, Command R7B's template does not ask for citations.
        documents = [template_document(document) for document in job.documents]
        body["chat_template_kwargs"] = {"documents": documents, "enable_citations": True}
    return body


def chat_calls(job: ChatJob, prompt: Pieces, *, grammar: str | None, dialect: Dialect, parallel: int) -> list[Call]:
    """As few calls as `parallel` sequences allow: within a call, choices share the work on the prompt."""
    body = _sampling_body(job.sampling) | {"prompt": prompt, "preserved_tokens": list(dialect.markers)}
    if grammar is not None:
        body["grammar"] = grammar
    if dialect.action_token is not None and (not job.tools or job.tool_choice == "none"):
        body["logit_bias"] = [*_logit_bias(job.sampling), [dialect.action_token, _NEVER]]
    return _rounds(body, job.sampling, first_choice=0, prompt=0, parallel=parallel)


def complete_calls(job: CompleteJob, *, parallel: int) -> list[Call]:
    """The calls of all prompts. Raises UnsupportedParameter for what raw text cannot have here."""
    if job.suffix is not None:
        raise UnsupportedParameter("`suffix` is not supported: Command-R cannot fill in the middle.", param="suffix")
    shared = _sampling_body(job.sampling)
    calls: list[Call] = []
    for number, prompt in enumerate(job.prompts):
        body = shared | {"prompt": _prompt(prompt)}
        first = number * job.sampling.n
        calls += _rounds(body, job.sampling, first_choice=first, prompt=number, parallel=parallel)
    return calls


def _rounds(body: Body, sampling: Sampling, *, first_choice: int, prompt: int, parallel: int) -> list[Call]:
    return [
        Call(
            body=body | _choices_body(sampling, start, min(parallel, sampling.n - start)),
            first_choice=first_choice + start,
            choices=min(parallel, sampling.n - start),
            prompt=prompt,
        )
        for start in range(0, sampling.n, parallel)
    ]


def _choices_body(sampling: Sampling, start: int, choices: int) -> Body:
    body: Body = {"n_cmpl": choices} if choices > 1 else {}
    if sampling.seed is not None:
        body["seed"] = (sampling.seed + start * _ROUND_SEED_STEP) % SEED_MODULUS
    return body


def _sampling_body(sampling: Sampling) -> Body:
    """Temperature and top_p decide alone, as the API documents them; the engine's own filters are off."""
    if sampling.max_tokens is not None and sampling.max_tokens < 1:
        raise InvalidRequest("`max_tokens` must be at least 1.", param="max_tokens")
    body: Body = {
        "stream": True,
        "return_progress": True,
        "timings_per_token": True,  # how many tokens were chosen, with each of them
        "temperature": DEFAULT_TEMPERATURE if sampling.temperature is None else sampling.temperature,
        "top_p": DEFAULT_TOP_P if sampling.top_p is None else sampling.top_p,
        "top_k": TOP_K,
        "min_p": 0.0,
    }
    if sampling.max_tokens is not None:
        body["n_predict"] = sampling.max_tokens
    if sampling.stop:
        body["stop"] = [sequence for sequence in sampling.stop if sequence]
    if sampling.logit_bias:
        body["logit_bias"] = _logit_bias(sampling)
    if sampling.top_logprobs is not None:
        body["n_probs"] = max(sampling.top_logprobs, 1)  # 0 would report nothing, not even the chosen token
    return body | _penalties(sampling)


def _logit_bias(sampling: Sampling) -> list[list[float]]:
    return [[token, bias] for token, bias in sampling.logit_bias.items()]


def _penalties(sampling: Sampling) -> Body:
    if not sampling.frequency_penalty and not sampling.presence_penalty:
        return {}
    return {
        "frequency_penalty": sampling.frequency_penalty or 0.0,
        "presence_penalty": sampling.presence_penalty or 0.0,
        "repeat_last_n": PENALTY_WINDOW_TOKENS,
    }


def _prompt(prompt: Prompt) -> str | list[int]:
    return prompt if isinstance(prompt, str) else list(prompt)


def _plain(arguments: str) -> str:
    """Arguments without escapes: the engine reads and writes them anew, and what it unescapes nobody could mark."""
    if "\\u" not in arguments:
        return arguments
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False)
    except (ValueError, RecursionError):
        return arguments  # no JSON: the engine leaves it as it is
