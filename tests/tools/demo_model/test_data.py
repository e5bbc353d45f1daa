"""The demo model's data: repeatable, honest about what is held out, and every conversation ends its turns."""

from __future__ import annotations

import json
import types
from collections import Counter
from itertools import islice
from random import Random

import pytest

from tools.demo_model.data import (
    SKILLS,
    Expectation,
    Language,
    Sample,
    Split,
    conversations,
    counting,
    farewells,
    functionalities,
    greetings,
    identity,
    json_objects,
    measured_cases,
    picking,
    recalling,
    repeating,
    small_talk,
    tool_use,
    unknown,
)
from tools.demo_model.data.constrained import schema_of
from tools.demo_model.data.phrases import Phrases, expand, normalised, phrases, roughen, without_accents
from tools.demo_model.data.words import FIRST_NAMES, made_up_word, of_split

CONVERSATIONS = 2_000
SKILL_MODULES = (
    counting,
    farewells,
    functionalities,
    greetings,
    identity,
    json_objects,
    picking,
    recalling,
    repeating,
    small_talk,
    tool_use,
    unknown,
)


def training(count: int, *, seed: int = 1) -> list[Sample]:
    return list(islice(conversations(seed, Split.TRAIN), count))


def phrases_in(value: object) -> list[Phrases]:
    """Every bank of phrasings inside a module's constant."""
    if isinstance(value, Phrases):
        return [value]
    if isinstance(value, identity.Topic):
        return [value.questions]
    if isinstance(value, dict):
        return [bank for inner in value.values() for bank in phrases_in(inner)]
    if isinstance(value, tuple):
        return [bank for inner in value for bank in phrases_in(inner)]
    return []


def banks_of(module: types.ModuleType) -> list[Phrases]:
    return [bank for value in vars(module).values() for bank in phrases_in(value)]


def test_same_seed_gives_the_same_conversations() -> None:
    assert training(300) == training(300)


def test_another_seed_gives_other_conversations() -> None:
    assert training(50, seed=1) != training(50, seed=2)


def test_measured_cases_are_the_same_every_time() -> None:
    assert measured_cases("picking", 20) == measured_cases("picking", 20)


def test_every_skill_and_language_is_trained() -> None:
    seen = {(sample.skill, sample.language) for sample in training(CONVERSATIONS)}
    trained = {skill for skill, _ in seen}
    assert set(SKILLS) - {"tool_use"} <= trained
    assert {"tool_call", "tool_result", "recalling_nothing"} <= trained
    assert {language for _, language in seen} == set(Language)


@pytest.mark.parametrize("split", list(Split))
def test_every_conversation_ends_with_an_answer_that_meets_its_own_expectation(split: Split) -> None:
    for sample in islice(conversations(3, split), CONVERSATIONS):
        last = sample.messages[-1]
        assert last["role"] == "assistant"
        called = [call["function"] for call in last.get("tool_calls", [])]
        text = "".join(
            f"{call['name']} {json.dumps(call['arguments'], ensure_ascii=False)}" for call in called
        ) or last.get("content", "")
        assert sample.expectation.is_met_by(text), sample


def test_no_slot_of_a_phrase_stays_unfilled() -> None:
    slots = (
        "{topic",
        "{text}",
        "{fact}",
        "{items}",
        "{place}",
        "{fields}",
        "{value}",
        "{tool}",
        "{name}",
        "{hello}",
    )
    for sample in training(CONVERSATIONS):
        said = " ".join(message.get("content", "") for message in sample.messages)
        assert not any(slot in said for slot in slots), said


@pytest.mark.parametrize("module", SKILL_MODULES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_held_out_phrasings_are_never_trained(module: types.ModuleType) -> None:
    banks = banks_of(module)
    assert banks
    for bank in banks:
        assert bank.held_out
        assert {normalised(text) for text in bank.train}.isdisjoint({normalised(text) for text in bank.held_out})


def test_a_training_phrase_that_is_also_held_out_is_dropped() -> None:
    bank = phrases(["(Hello|Hi) there!"], ["hello, there"])
    assert bank.train == ("Hi there!",)
    assert bank.held_out == ("hello, there",)


def test_no_held_out_phrase_of_any_skill_is_said_in_the_training_data() -> None:
    said = {normalised(message.get("content", "")) for one in training(10_000) for message in one.messages}
    held_out = {
        normalised(text)
        for module in SKILL_MODULES
        for bank in banks_of(module)
        for text in bank.held_out
        if "{" not in text
    }
    assert len(held_out) > 100
    assert said.isdisjoint(held_out)


def test_names_and_made_up_words_of_the_splits_never_meet() -> None:
    names = {split: set(of_split(FIRST_NAMES, split)) for split in Split}
    assert names[Split.TRAIN].isdisjoint(names[Split.HELD_OUT])
    rng = Random(5)
    words = {split: {made_up_word(rng, split) for _ in range(3_000)} for split in Split}
    assert words[Split.TRAIN].isdisjoint(words[Split.HELD_OUT])


def test_a_first_name_is_listed_once() -> None:
    assert len(FIRST_NAMES) == len(set(FIRST_NAMES))


def test_expand_yields_every_combination_once_tidy() -> None:
    assert list(expand("(Hi|Hello) (big|) world")) == [
        "Hi big world",
        "Hi world",
        "Hello big world",
        "Hello world",
    ]


@pytest.mark.parametrize(("text", "language"), [("What are you?", "en"), ("Quem é você?", "pt")])
def test_roughen_loses_no_letter(text: str, language: str) -> None:
    rng = Random(11)
    letters = Counter(normalised(text).replace(" ", ""))
    for _ in range(500):
        rough = roughen(rng, text, Language(language))
        assert letters <= Counter(normalised(rough).replace(" ", "")), rough


def test_without_accents_leaves_plain_letters() -> None:
    assert without_accents("Você não é ação") == "Voce nao e acao"


def test_exact_expectation_forgives_only_outer_space() -> None:
    expectation = Expectation(exact="1, 2, 3")
    assert expectation.is_met_by(" 1, 2, 3\n")
    assert not expectation.is_met_by("1, 2, 3.")


def test_all_parts_are_needed_in_any_case() -> None:
    expectation = Expectation(all_of=("chat", "Code"))
    assert expectation.is_met_by("CHAT and code")
    assert not expectation.is_met_by("chat only")


def test_schema_of_a_constrained_answer_names_every_field_and_its_kind() -> None:
    value = {"a": "x", "b": 0, "c": False, "d": [], "e": {"f": "y"}}
    schema = schema_of(value)
    assert schema["required"] == list("abcde")
    assert schema["additionalProperties"] is False
    kinds = [schema_of(inner)["type"] for inner in value.values()]
    assert kinds == ["string", "integer", "boolean", "array", "object"]
