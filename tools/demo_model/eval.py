"""Measure the demo model on held-out cases, greedy, and print a table.

    python -m tools.demo_model.eval --gguf build/demo_model/demo-command.gguf
    python -m tools.demo_model.eval --base-url http://127.0.0.1:11435/v1 --model chat

The first form starts llama.cpp's server inside this process and also checks that it renders the prompt and
cuts the tokens exactly as training did. The second one asks any OpenAI-compatible server.
"""

from __future__ import annotations

import argparse
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo_model.data import SKILLS, Constraint, Language, Sample, measured_cases
from tools.demo_model.data.constrained import schema_of
from tools.demo_model.prompt import BOS, Message, render
from tools.demo_model.tokenizer import TOKENIZER_PATH

CASES = 100
MAX_TOKENS = 512
PARALLEL = 4
CONTEXT_PER_STREAM = 2048
TIMEOUT_S = 120.0


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server. `base_url` ends with `/v1`."""

    base_url: str
    model: str
    key: str

    def post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """Send JSON, read JSON. An error answer raises `RuntimeError` with its text."""
        request = urllib.request.Request(
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as failure:
            raise RuntimeError(failure.read().decode(errors="replace")) from failure


@dataclass(frozen=True)
class Outcome:
    """One judged answer."""

    sample: Sample
    answer: str
    right: bool
    ended: bool
    tokens: int


@contextmanager
def served(path: Path) -> Iterator[Server]:
    """llama.cpp's own server on a GGUF file, greedy clients welcome."""
    import xllamacpp  # type: ignore[import-untyped]  # ships no stubs

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = PARALLEL * CONTEXT_PER_STREAM
    params.n_parallel = PARALLEL
    params.n_gpu_layers = 0
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield Server(server.listening_address + "/v1", path.name, "none")
    del server


def on_the_wire(messages: tuple[Message, ...]) -> list[dict[str, object]]:
    """Messages as OpenAI's API wants them: calls with an id and their arguments as a JSON string."""
    ready: list[dict[str, object]] = []
    number = 0
    for message in messages:
        plain: dict[str, object] = {"role": message["role"], "content": message.get("content", "")}
        calls = message.get("tool_calls", [])
        if calls:
            plain["tool_calls"] = [
                {
                    "id": f"call_{number + place}",
                    "type": "function",
                    "function": {
                        "name": call["function"]["name"],
                        "arguments": json.dumps(call["function"]["arguments"], ensure_ascii=False),
                    },
                }
                for place, call in enumerate(calls)
            ]
        if message["role"] == "tool":
            plain["tool_call_id"] = f"call_{number}"
            number += 1
        ready.append(plain)
    return ready


def request_for(sample: Sample, model: str) -> dict[str, object]:
    """The greedy request for a sample's last answer."""
    body: dict[str, object] = {
        "model": model,
        "messages": on_the_wire(sample.messages[:-1]),
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
    }
    if sample.tools:
        body["tools"] = list(sample.tools)
    if sample.constraint is Constraint.CALL:
        body["tool_choice"] = "required"
    if sample.constraint is Constraint.SCHEMA:
        schema = schema_of(json.loads(sample.expectation.exact))
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        }
    return body


def text_of(message: dict[str, Any]) -> str:
    """An answer as the expectation reads it: the text, or name and arguments of the call."""
    calls = message.get("tool_calls") or []
    if not calls:
        return str(message.get("content") or "")
    return "; ".join(_call_text(call["function"]) for call in calls)


def _call_text(function: dict[str, str]) -> str:
    return f"{function['name']} {json.dumps(json.loads(function['arguments']), ensure_ascii=False)}"


def judge(server: Server, sample: Sample) -> Outcome:
    """Ask for the last answer and judge it. An error answer counts as wrong and as not ended."""
    try:
        answer = server.post("/chat/completions", request_for(sample, server.model))
        choice = answer["choices"][0]
        text = text_of(choice["message"])
    except (RuntimeError, json.JSONDecodeError) as failure:
        return Outcome(sample, f"error: {failure}", right=False, ended=False, tokens=0)
    return Outcome(
        sample,
        text,
        right=sample.expectation.is_met_by(text),
        ended=choice["finish_reason"] in {"stop", "tool_calls"},
        tokens=answer["usage"]["completion_tokens"],
    )


def _percent(outcomes: list[Outcome], *, of: str) -> str:
    if not outcomes:
        return "-"
    return f"{sum(getattr(outcome, of) for outcome in outcomes) / len(outcomes):.0%}"


def print_table(outcomes: list[Outcome]) -> None:
    """A row per skill and one for all, as Markdown."""
    print("| skill | cases | right | English | Portuguese | ends its turn |")
    print("|---|---|---|---|---|---|")
    skills = list(dict.fromkeys(outcome.sample.skill for outcome in outcomes))
    for skill in [*skills, "all"]:
        rows = [outcome for outcome in outcomes if skill in {outcome.sample.skill, "all"}]
        by_language = [[row for row in rows if row.sample.language is language] for language in Language]
        shares = " | ".join(_percent(group, of="right") for group in (rows, *by_language))
        print(f"| {skill} | {len(rows)} | {shares} | {_percent(rows, of='ended')} |")


def print_agreement(server: Server, samples: list[Sample], tokenizer_path: Path) -> None:
    """Count the prompts that llama.cpp renders and cuts exactly like training."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    root = Server(server.base_url.removesuffix("/v1"), server.model, server.key)
    rendered = cut = 0
    for sample in samples:
        ours = render(list(sample.messages[:-1]), tools=list(sample.tools), add_generation_prompt=True)
        theirs = root.post("/apply-template", request_for(sample, server.model))["prompt"]
        numbers = root.post("/tokenize", {"content": theirs, "add_special": True, "parse_special": True})["tokens"]
        rendered += BOS + theirs == ours
        cut += numbers == tokenizer.encode(ours, add_special_tokens=False).ids
    print(f"rendered as in training: {rendered} of {len(samples)}; same tokens: {cut} of {len(samples)}")


def measure(server: Server, skills: list[str], cases: int) -> list[Outcome]:
    """Judge that many held-out cases of each skill."""
    samples = [sample for skill in skills for sample in measured_cases(skill, cases)]
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda sample: judge(server, sample), samples))


def report(server: Server, arguments: argparse.Namespace) -> None:
    """Measure and print everything that was asked for."""
    began = time.monotonic()
    outcomes = measure(server, arguments.skill or list(SKILLS), arguments.cases)
    seconds = time.monotonic() - began
    print_table(outcomes)
    tokens = sum(outcome.tokens for outcome in outcomes)
    print(f"\n{tokens} tokens in {seconds:.1f} s, {PARALLEL} streams: {tokens / seconds:.0f} tok/s")
    if arguments.show_wrong:
        for outcome in outcomes:
            if not (outcome.right and outcome.ended):
                asked = outcome.sample.messages[-2].get("content", "")
                wanted = outcome.sample.expectation
                print(f"[{outcome.sample.skill}] {asked!r} -> {outcome.answer!r}, wanted {wanted}")


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--gguf", type=Path)
    where.add_argument("--base-url")
    parser.add_argument("--model", default="chat")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--cases", type=int, default=CASES, help="per skill")
    parser.add_argument("--skill", action="append", choices=sorted(SKILLS), help="only this one; may be repeated")
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER_PATH)
    parser.add_argument("--show-wrong", action="store_true")
    arguments = parser.parse_args()
    if arguments.base_url:
        report(Server(arguments.base_url, arguments.model, arguments.api_key), arguments)
        return
    with served(arguments.gguf) as server:
        report(server, arguments)
        if arguments.tokenizer.exists():
            samples = [sample for skill in SKILLS for sample in measured_cases(skill, 10)]
            print_agreement(server, samples, arguments.tokenizer)


if __name__ == "__main__":
    main()
