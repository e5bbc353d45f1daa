"""Measure the demo model on cases that were never trained, greedy, through the real server, and print a table.

    python -m tools.demo_model.eval [--gguf build/demo_model/demo-command.gguf]
    python -m tools.demo_model.eval --folder build/demo_model/demo-llama
    python -m tools.demo_model.eval --base-url http://127.0.0.1:11435/v1 --model chat

The first form starts `python -m command_server` on a file, the one of the repository if none is named. The second
one starts `python -m providers_server` on a folder for onnxruntime-genai, the third asks a server that runs already.

Cases are those of the split `dev`, which one may look at while the model is being made. `--split held_out` is for
files that are to be committed: only its sums are told, so that nothing is made after its answers.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.demo_model.data import SKILLS, Answer, Constraint, Language, Sample, Split, call_text, measured_cases
from tools.demo_model.data.constrained import schema_of
from tools.demo_model.prompt import Message

BUNDLED = Path("services/command_server/src/command_server/models/demo-command.gguf")
CASES = 100
MAX_TOKENS = 512
PARALLEL = 4
TIMEOUT_S = 120.0

PROFILES = """default = "chat"

[profiles.chat]
task = "chat"
description = "The model that is measured."
promises = {{ tools = true, json_schema = true }}
targets = ["measured"]

[targets.measured]
adapter = "{adapter}"
path = {path}
engine = "child"
parallel = {parallel}
"""

SPEED_PROMPT = "Count from 1 to 100."
SPEED_READINGS = 5
SPEED_FEWEST_TOKENS = 100
"""A shorter answer says more about the reading of the question than about the writing."""
SPEED_FIGURE = 1000
ENDS_FIGURE = 0.99


@dataclass(frozen=True)
class Goal:
    """One line of the table of wanted figures: the share of outcomes that are `judged` so."""

    text: str
    skills: tuple[str, ...]
    figure: float
    judged: str = "right"


GOALS = (
    Goal("says what it is and what the functionalities are", ("identity", "functionalities"), 0.80),
    Goal("repeats, counts, picks from a list, as asked", ("repeating", "counting", "picking"), 0.85),
    Goal("tool use: the right one of 1-5 unseen tools, exact arguments", ("tool_call",), 0.90),
    Goal("no tool needed: answers directly", ("no_tool_needed",), 0.90, judged="direct"),
    Goal("after a tool result: the answer carries it", ("tool_result",), 0.90),
    Goal("two independent calls asked at once: both calls", ("two_calls",), 0.80),
    Goal("grounded answer: right document, copied, correct citation", ("grounded",), 0.85),
    Goal("nothing in the documents answers it: says so", ("not_in_documents",), 0.80),
    Goal("multi-turn: uses a fact from earlier turns", ("recalling",), 0.80),
)

_CITATION = re.compile(r"<co>|</co: ?([^>]*)>")
_DOCUMENTS = re.compile(r"(?:^|,)0:\[([0-9, ]*)\]")


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible server. `base_url` ends with `/v1`."""

    base_url: str
    model: str
    key: str

    def open(self, path: str, body: dict[str, object]) -> Any:
        """Send JSON; the answer is open for reading. An error answer raises `RuntimeError` with its text."""
        request = urllib.request.Request(
            self.base_url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"},
        )
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as failure:
            raise RuntimeError(failure.read().decode(errors="replace")) from failure

    def post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        """Send JSON, read JSON."""
        with self.open(path, body) as answer:
            return dict(json.load(answer))


@dataclass(frozen=True)
class Outcome:
    """One judged answer."""

    sample: Sample
    answer: Answer
    right: bool
    ended: bool
    tokens: int

    @property
    def direct(self) -> bool:
        """Whether it says something by itself and calls nothing."""
        return self.ended and bool(self.answer.text) and not self.answer.calls


@contextmanager
def served(path: Path) -> Iterator[Server]:
    """`command_server` on a GGUF file or `providers_server` on a folder, as anybody would start them."""
    module, adapter = ("providers_server", "onnx-chat") if path.is_dir() else ("command_server", "llamacpp")
    with tempfile.TemporaryDirectory() as home:
        profiles = Path(home) / "profiles.toml"
        told = PROFILES.format(adapter=adapter, path=json.dumps(str(path.absolute())), parallel=PARALLEL)
        profiles.write_text(told)
        command = [sys.executable, "-m", module, "--port", "0", "--profiles", str(profiles)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            if not said or said[0] != "ready":
                raise RuntimeError(f"{module} did not start on {path}")
            yield Server(said[1] + "/v1", "chat", "none")
        finally:
            process.terminate()
            process.wait()


def on_the_wire(messages: Sequence[Message]) -> list[dict[str, object]]:
    """Messages as OpenAI's API wants them: calls with an id and their arguments as a JSON string."""
    ready: list[dict[str, object]] = []
    calls_made = results_given = 0
    for message in messages:
        plain: dict[str, object] = {"role": message["role"], "content": message.get("content", "")}
        calls = message.get("tool_calls", [])
        if calls:
            plain["tool_calls"] = [
                {
                    "id": f"call_{calls_made + place}",
                    "type": "function",
                    "function": {
                        "name": call["function"]["name"],
                        "arguments": json.dumps(call["function"]["arguments"], ensure_ascii=False),
                    },
                }
                for place, call in enumerate(calls)
            ]
            calls_made += len(calls)
        if message["role"] == "tool":
            plain["tool_call_id"] = f"call_{results_given}"
            results_given += 1
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
    if sample.documents:
        body["documents"] = [_document(document, place) for place, document in enumerate(sample.documents)]
    if sample.constraint in {Constraint.CALL, Constraint.CALL_AFTER_WORDS}:
        body["tool_choice"] = "required"
    if sample.constraint in {Constraint.SCHEMA, Constraint.BARE_SCHEMA}:
        schema = schema_of(json.loads(sample.expectation.exact))
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": schema},
        }
    return body


def _document(document: dict[str, object], place: int) -> dict[str, object]:
    """In the API's shape; the id is the place, so that a citation tells it."""
    sent: dict[str, object] = {"id": str(place), "text": document.get("text", document.get("snippet"))}
    if "title" in document:
        sent["title"] = document["title"]
    return sent


def answer_of(message: dict[str, Any]) -> Answer:
    """An answer as expectations read it. Marks that a server leaves in the text count like annotations."""
    calls = tuple(
        call_text(call["function"]["name"], json.loads(call["function"]["arguments"]))
        for call in message.get("tool_calls") or []
    )
    text = str(message.get("content") or "")
    cites = {place for match in _CITATION.finditer(text) for place in _places(match.group(1) or "")}
    for annotation in message.get("annotations") or []:
        place = str(annotation.get("url_citation", {}).get("url", "")).removeprefix("document:")
        cites.update({int(place)} if place.isdecimal() else set())
    return Answer(text=_CITATION.sub("", text), calls=calls, cites=tuple(sorted(cites)))


def _places(sources: str) -> list[int]:
    return [
        int(place) for group in _DOCUMENTS.findall(sources) for place in group.split(",") if place.strip().isdecimal()
    ]


def judge(server: Server, sample: Sample) -> Outcome:
    """Ask for the last answer and judge it. An error answer counts as wrong and as not ended."""
    try:
        reply = server.post("/chat/completions", request_for(sample, server.model))
        choice = reply["choices"][0]
        answer = answer_of(choice["message"])
    except (RuntimeError, json.JSONDecodeError) as failure:
        return Outcome(sample, Answer(text=f"error: {failure}"), right=False, ended=False, tokens=0)
    return Outcome(
        sample,
        answer,
        right=sample.expectation.is_met_by(answer),
        ended=choice["finish_reason"] in {"stop", "tool_calls"},
        tokens=reply["usage"]["completion_tokens"],
    )


def tokens_per_second(server: Server) -> float | None:
    """How fast one stream is answered, the best of some readings: from the question to the last piece.

    None where the answers are too short to tell.
    """
    body: dict[str, object] = {
        "model": server.model,
        "messages": [{"role": "user", "content": SPEED_PROMPT}],
        "temperature": 0,
        "max_tokens": MAX_TOKENS,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    readings = [_reading(server, body) for _ in range(SPEED_READINGS)]
    return max((reading for reading in readings if reading is not None), default=None)


def _reading(server: Server, body: dict[str, object]) -> float | None:
    """From the question to the last piece. The time between pieces would flatter: they are read late and at once."""
    asked = last = time.monotonic()
    tokens = 0
    with server.open("/chat/completions", body) as answer:
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            event = json.loads(line[6:])
            tokens = int((event.get("usage") or {}).get("completion_tokens", tokens))
            if event["choices"] and event["choices"][0]["delta"].get("content"):
                last = time.monotonic()
    return tokens / (last - asked) if tokens >= SPEED_FEWEST_TOKENS else None


def _share(outcomes: Sequence[Outcome], *, of: str) -> float:
    return float(sum(getattr(outcome, of) for outcome in outcomes)) / max(len(outcomes), 1)


def print_goals(outcomes: Sequence[Outcome], *, speed: float | None) -> None:
    """Every wanted figure and what was reached, as Markdown."""
    print("| skill | figure | reached | cases |")
    print("|---|---|---|---|")
    print(f"| ends its own turn | {ENDS_FIGURE:.0%} | {_share(outcomes, of='ended'):.1%} | {len(outcomes)} |")
    for goal in GOALS:
        rows = [outcome for outcome in outcomes if outcome.sample.skill in goal.skills]
        if rows:
            print(f"| {goal.text} | {goal.figure:.0%} | {_share(rows, of=goal.judged):.1%} | {len(rows)} |")
    reached = "not measured: the answer was too short" if speed is None else f"{speed:,.0f} tok/s"
    print(f"| speed, one stream | {SPEED_FIGURE:,} tok/s | {reached} | |\n")


def print_skills(outcomes: Sequence[Outcome]) -> None:
    """A row per skill and one for all, as Markdown."""
    print("| skill | cases | right | English | Portuguese | ends its turn |")
    print("|---|---|---|---|---|---|")
    skills = list(dict.fromkeys(outcome.sample.skill for outcome in outcomes))
    for skill in [*skills, "all"]:
        rows = [outcome for outcome in outcomes if skill in {outcome.sample.skill, "all"}]
        groups = (rows, *([row for row in rows if row.sample.language is language] for language in Language))
        shares = " | ".join(f"{_share(group, of='right'):.0%}" if group else "-" for group in groups)
        print(f"| {skill} | {len(rows)} | {shares} | {_share(rows, of='ended'):.0%} |")


def print_wrong(outcomes: Sequence[Outcome]) -> None:
    """What was asked, answered and wanted, of everything that was not right."""
    for outcome in outcomes:
        if not (outcome.right and outcome.ended):
            asked = outcome.sample.messages[-2].get("content", "")
            print(
                f"[{outcome.sample.skill}] {asked!r}\n   got  {outcome.answer}\n   want {outcome.sample.expectation}"
            )


def measure(server: Server, skills: Sequence[str], *, cases: int, split: Split, seed: int) -> list[Outcome]:
    """Judge that many cases of each skill."""
    samples = [
        sample for skill in skills for sample in measured_cases(skill, cases, split=split, seed=seed)
    ]  # fmt: skip
    with ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda sample: judge(server, sample), samples))


def report(server: Server, arguments: argparse.Namespace) -> None:
    """Measure and print everything that was asked for."""
    speed = tokens_per_second(server)
    split = Split(arguments.split)
    outcomes = measure(
        server, arguments.skill or list(SKILLS), cases=arguments.cases, split=split, seed=arguments.seed
    )
    print(f"Cases: {split.value}\n")
    print_goals(outcomes, speed=speed)
    print_skills(outcomes)
    if arguments.show_wrong:
        print_wrong(outcomes)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--gguf", type=Path, default=BUNDLED)
    where.add_argument("--folder", type=Path, help="a model for onnxruntime-genai")
    where.add_argument("--base-url")
    parser.add_argument("--model", default="chat")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--split", choices=(Split.DEV.value, Split.HELD_OUT.value), default=Split.DEV.value)
    parser.add_argument("--cases", type=int, default=CASES, help="per skill")
    parser.add_argument("--seed", type=int, default=0, help="which cases of the split are drawn")
    parser.add_argument("--skill", action="append", choices=sorted(SKILLS), help="only this one; may be repeated")
    parser.add_argument("--show-wrong", action="store_true")
    arguments = parser.parse_args()
    if arguments.show_wrong and arguments.split == Split.HELD_OUT.value:
        parser.error("answers to held-out cases are not shown: look at those of dev")
    if arguments.base_url:
        report(Server(arguments.base_url, arguments.model, arguments.api_key), arguments)
        return
    with served(arguments.folder or arguments.gguf) as server:
        report(server, arguments)


if __name__ == "__main__":
    main()
