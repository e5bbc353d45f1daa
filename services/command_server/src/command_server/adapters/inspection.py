"""What a Command-R file can do, as its header tells."""

from pathlib import Path
from typing import Final

from alive_core import Abilities, LoadFailed, Target
from alive_core.dialects import COMMAND_R
from command_server.adapters.gguf_header import GgufHeader, read_gguf_header
from command_server.constants import ARCHITECTURES, CONTEXT_STEP_TOKENS, DEFAULT_CONTEXT_TOKENS

PARAMETERS: Final = frozenset(
    {
        "echo",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_tokens",
        "n",
        "presence_penalty",
        "seed",
        "stop",
        "temperature",
        "top_p",
    }
)

_WITHOUT_TEMPLATE: Final = Abilities(tasks=frozenset({"complete", "tokenize", "detokenize"})).tasks


def inspect_file(target: Target) -> tuple[GgufHeader, Abilities]:
    """The header of the target's file, and what it can do. Raises LoadFailed for all but a Command-R GGUF file."""
    path = model_path(target)
    try:
        with path.open("rb", buffering=0) as file:
            header = read_gguf_header(file)
    except OSError as error:
        raise LoadFailed(f"Cannot read the model file {path}: {error.strerror or error}.") from error
    except LoadFailed as error:
        raise LoadFailed(f"{path}: {error.message}") from error
    _check_architecture(header, path)
    return header, abilities_of_header(header, target)


def model_path(target: Target) -> Path:
    """The target's file. Raises LoadFailed where it names none."""
    if target.path is None:
        raise LoadFailed(f"Target {target.name!r} has no model file. `task models:list` shows what is there.")
    return Path(target.path)


def abilities_of_header(header: GgufHeader, target: Target) -> Abilities:
    """Tools need a chat template with Command R7B's action segment: with any other, no call could be enforced."""
    template = header.text("tokenizer.chat_template") or ""
    tools = COMMAND_R.action[0] in template and "tools" in template
    documents = frozenset({"documents"}) if "documents" in template else frozenset()
    return Abilities(
        tasks=_WITHOUT_TEMPLATE | {"chat"} if template else _WITHOUT_TEMPLATE,
        context=window_tokens(header, target),
        tools=tools,
        json_schema=True,
        parameters=PARAMETERS | documents,
    )


def window_tokens(header: GgufHeader, target: Target) -> int:
    """Tokens per sequence that the engine will really have: what the target wants, in the engine's steps,
    at most what the model was made for."""
    trained = header.number(f"{header.text('general.architecture')}.context_length")
    wanted = target.context or trained or DEFAULT_CONTEXT_TOKENS
    rounded = -(-wanted // CONTEXT_STEP_TOKENS) * CONTEXT_STEP_TOKENS
    return min(rounded, trained or rounded)


def _check_architecture(header: GgufHeader, path: Path) -> None:
    architecture = header.text("general.architecture")
    if architecture not in ARCHITECTURES:
        raise LoadFailed(
            f"{path} holds a model of architecture {architecture!r}. command_server serves Command-R only "
            f"({', '.join(sorted(ARCHITECTURES))}); providers_server serves any other model."
        )
