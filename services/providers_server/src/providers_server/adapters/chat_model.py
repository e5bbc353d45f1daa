"""A chat model in onnxruntime-genai on the CPU: conversations to tokens, and tokens one after another.

Model libraries are imported while a model loads, never by importing this module. The engine holds Python's lock
while it computes, so every step is kept short: a prompt goes in by pieces.
"""

import json
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from alive_core import ChatJob, EngineCrashed, InvalidRequest, LoadFailed, adapter_errors
from alive_core.dialects import Dialect, PlainText, Prompt, chat_grammar, first_characters, new_mark
from providers_server.adapters.chat_files import TOKENIZER_FILE, ChatFacts
from providers_server.adapters.chat_prompt import conversation, template_body
from providers_server.adapters.chat_sampling import Option
from providers_server.adapters.chat_vocabulary import Vocabulary
from providers_server.adapters.telemetry import switch_telemetry_off
from providers_server.adapters.threads import usable_cores
from providers_server.constants import CHAT_FAULTS_KEPT, CHAT_PROMPT_CHUNK_TOKENS, CHAT_SINGLE_THREAD_BYTES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime_genai import Generator, Model  # type: ignore[import-untyped]  # ships no type information
    from onnxruntime_genai import Tokenizer as Renderer

_GRAMMAR: Final = "lark_grammar"
_GRAMMAR_FAULT: Final = "Error creating grammar: "
_PROBE_TOKENS: Final = 8  # the window of a generator that only compiles a grammar


class ReadPrompt(msgspec.Struct, frozen=True):
    """A conversation as the model reads it."""

    text: str
    tokens: tuple[int, ...]


class ChatModel:
    """A loaded model. Every method may be called from any thread; a `Writing` belongs to one."""

    def __init__(self, facts: ChatFacts, model: "Model", renderer: "Renderer", vocabulary: Vocabulary) -> None:
        self.facts = facts
        self.vocabulary = vocabulary
        self._model = model
        self._renderer = renderer
        specials = vocabulary.specials
        firsts = first_characters(specials)
        self._plain_text = PlainText(specials, {first: vocabulary.tokens(first) for first in firsts})
        self._find_fault = lru_cache(CHAT_FAULTS_KEPT)(self._compile)

    @classmethod
    def load(cls, facts: ChatFacts, *, threads: int | None = None) -> "ChatModel":
        """Load weights and tokenizer. Raises LoadFailed where a file is corrupt or the model of an unknown shape."""
        switch_telemetry_off()
        import onnxruntime_genai as engine

        engine.disable_telemetry_events()
        vocabulary = Vocabulary.load(facts.folder / TOKENIZER_FILE)
        with adapter_errors({Exception: LoadFailed}):
            config = engine.Config(str(facts.folder))
            config.clear_providers()  # the CPU's is what is left; a GPU is never touched
            config.overlay(json.dumps(_session_options(threads or _default_threads(facts))))
            model = engine.Model(config)
            return cls(facts, model, engine.Tokenizer(model), vocabulary)

    def read(self, job: ChatJob) -> ReadPrompt:
        """The conversation through the model's own template. Raises InvalidRequest where that refuses it."""
        mark = new_mark()
        prompt = self._plain_text.prompt(self._render(job, mark), mark)
        return ReadPrompt(prompt.text, tuple(self._prompt_tokens(prompt)))

    def grammar(self, job: ChatJob, prompt: ReadPrompt) -> str | None:
        """What the answer is held to, or None. Raises InvalidRequest for schemas that cannot be enforced."""
        if job.json_output is None and (not job.tools or job.tool_choice == "none"):
            return None
        in_thought = self.facts.markup.begun_in(prompt.text) == "thinking"
        return chat_grammar(job, self.dialect, find_fault=self._find_fault, in_thought=in_thought)

    @cached_property
    def dialect(self) -> Dialect:
        """How the vocabulary spells the marks: to grammars a mark is a control token, or else text."""
        markup, template = self.facts.markup, self.facts.template
        markers = markup.markers_in(template)
        as_text = markup.action[0] in markers and self._compile(f"start: {markup.action[0]}") is not None
        return Dialect(markers, as_text=as_text, action_token=self.action_token, markup=markup)

    @cached_property
    def action_token(self) -> int | None:
        """The token that begins a call, where it is one."""
        return self.vocabulary.token_of(self.facts.markup.action[0])

    def start(self, options: Mapping[str, Option], grammar: str | None) -> "Writing":
        """A new answer; its prompt comes next. Raises InvalidRequest for a grammar that does not compile."""
        import onnxruntime_genai as engine

        parameters = engine.GeneratorParams(self._model)
        parameters.set_search_options(**options)
        if grammar is not None:
            parameters.set_guidance(_GRAMMAR, grammar)
        kind = EngineCrashed if grammar is None else InvalidRequest
        with adapter_errors({RuntimeError: kind}):
            return Writing(engine.Generator(self._model, parameters))

    def _compile(self, grammar: str) -> str | None:
        """Why a grammar cannot be compiled, or None."""
        try:
            self.start({"max_length": _PROBE_TOKENS}, grammar)
        except InvalidRequest as error:
            return error.message.removeprefix(_GRAMMAR_FAULT)
        return None

    def _render(self, job: ChatJob, mark: str) -> str:
        body = self._plain_text.mark(template_body(job), mark)
        said = conversation(body, has_documents=bool(job.documents))
        is_known = self.facts.is_template_known and not said.head
        with adapter_errors({RuntimeError: InvalidRequest}):
            text: str = self._renderer.apply_chat_template(
                said.messages,
                template_str=None if is_known else said.head + self.facts.template,
                tools=said.tools,
                add_generation_prompt=True,
            )
        return text

    def _prompt_tokens(self, prompt: Prompt) -> list[int]:
        return self.vocabulary.prompt_tokens(prompt.pieces)


class Writing:
    """One answer in the engine: read the prompt piece by piece, then ask for a token at a time."""

    def __init__(self, generator: "Generator") -> None:
        self._generator = generator

    def read(self, tokens: tuple[int, ...], start: int) -> int:
        """Read the next piece of the prompt; returns how much of it was read then."""
        end = min(start + CHAT_PROMPT_CHUNK_TOKENS, len(tokens))
        self._generator.append_tokens(list(tokens[start:end]))
        return end

    def logits(self) -> "NDArray[np.float32]":
        """Of the next token, one for each of the vocabulary."""
        row: NDArray[np.float32] = self._generator.get_logits().reshape(-1)
        return row

    def set_logits(self, logits: "NDArray[np.float32]") -> None:
        """What the next token is chosen by."""
        self._generator.set_logits(logits.reshape(1, 1, -1))

    def next_token(self) -> int:
        """Choose and return the next token."""
        self._generator.generate_next_token()
        return int(self._generator.get_next_tokens()[0])

    @property
    def is_done(self) -> bool:
        """Whether the answer has ended, or is as long as it may be."""
        return bool(self._generator.is_done())


def _session_options(threads: int) -> dict[str, object]:
    options = {"intra_op_num_threads": threads, "inter_op_num_threads": 1, "log_severity_level": 3}
    return {"model": {"decoder": {"session_options": options}}}


def _default_threads(facts: ChatFacts) -> int:
    return 1 if facts.weights_bytes < CHAT_SINGLE_THREAD_BYTES else usable_cores()
