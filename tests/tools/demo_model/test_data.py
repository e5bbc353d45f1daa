"""The demo model's data: repeatable, honest about what is held out, and every conversation ends its turns."""

from __future__ import annotations

import json
import re
import types
from collections import Counter
from importlib import import_module
from itertools import combinations, islice
from pkgutil import iter_modules
from random import Random

import pytest

from tools.demo_model import data
from tools.demo_model.data import (
    COPYING,
    SHARES,
    SKILLS,
    Answer,
    Expectation,
    Language,
    Sample,
    Split,
    call_text,
    conversations,
    families,
    frames,
    grounded,
    identity,
    measured_cases,
    toolbox,
)
from tools.demo_model.data.attributes import ATTRIBUTES
from tools.demo_model.data.constrained import schema_of
from tools.demo_model.data.phrases import (
    Phrases,
    blur,
    expand,
    loosely,
    normalised,
    phrases,
    roughen,
    without_accents,
)
from tools.demo_model.data.words import (
    FIRST_NAMES,
    WORDS,
    code,
    decimal,
    made_up_word,
    name,
    number,
    of_split,
)
from tools.demo_model.eval import answer_of
from tools.demo_model.prompt import END_OF_TURN, render

CONVERSATIONS = 2_000
MODULES = [import_module(f"{data.__name__}.{found.name}") for found in iter_modules(data.__path__)]


def training(count: int, *, seed: int = 1) -> list[Sample]:
    return list(islice(conversations(seed, Split.TRAIN), count))


def phrases_in(value: object) -> list[Phrases]:
    """Every bank of phrasings inside a module's constant."""
    if isinstance(value, Phrases):
        return [value]
    if isinstance(value, (identity.Topic, frames.Frame)):
        return [value.questions]
    if isinstance(value, dict):
        return [bank for inner in value.values() for bank in phrases_in(inner)]
    if isinstance(value, tuple):
        return [bank for inner in value for bank in phrases_in(inner)]
    return []


def banks_of(module: types.ModuleType) -> list[Phrases]:
    return [bank for value in vars(module).values() for bank in phrases_in(value)]


MODULES_WITH_PHRASES = [module for module in MODULES if banks_of(module)]


def test_same_seed_gives_the_same_conversations() -> None:
    assert training(300) == training(300)


def test_another_seed_gives_other_conversations() -> None:
    assert training(50, seed=1) != training(50, seed=2)


def test_the_conversations_of_a_family_begin_with_the_same_turn() -> None:
    several = [family for family in islice(families(6, Split.TRAIN), 300) if len(family) > 1]
    assert several
    for family in several:
        texts = [render(list(one.messages), tools=list(one.tools)) for one in family]
        assert len({text.partition(END_OF_TURN)[0] for text in texts}) == 1
        assert len({text.partition(END_OF_TURN)[2] for text in texts}) > 1


def test_more_questions_about_the_same_documents_are_trained_and_never_measured() -> None:
    def asked(sample: Sample) -> int:
        return sum(message["role"] == "user" for message in sample.messages)

    trained = [one for one in training(CONVERSATIONS) if one.skill == "grounded"]
    assert max(asked(one) for one in trained) > 2
    for split in (Split.DEV, Split.HELD_OUT):
        for skill in ("grounded", "not_in_documents"):
            last = [one.messages[-2:] for one in measured_cases(skill, 50, split=split)]
            assert all([message["role"] for message in turns] == ["user", "assistant"] for turns in last)


def test_measured_cases_are_the_same_every_time() -> None:
    assert measured_cases("picking", 20) == measured_cases("picking", 20)


def answered(sample: Sample) -> Answer:
    """The sample's own last message as a server would give it back."""
    last = sample.messages[-1]
    calls = (call["function"] for call in last.get("tool_calls", []))
    said = "" if last.get("tool_calls") else last.get("content", "")
    return answer_of(
        {
            "content": said,
            "tool_calls": [
                {"function": {"name": call["name"], "arguments": json.dumps(call["arguments"])}} for call in calls
            ],
        }
    )


def test_every_skill_has_its_shares() -> None:
    assert set(SHARES) == set(SKILLS)
    assert set(COPYING) < set(SKILLS)


def test_every_skill_and_language_is_trained() -> None:
    seen = {(sample.skill, sample.language) for sample in training(CONVERSATIONS)}
    assert {skill for skill, _ in seen} == {*SKILLS, "recalling_nothing"}
    assert {language for _, language in seen} == set(Language)


@pytest.mark.parametrize("split", list(Split))
def test_every_conversation_ends_with_an_answer_that_meets_its_own_expectation(split: Split) -> None:
    for sample in islice(conversations(3, split), CONVERSATIONS):
        assert sample.messages[-1]["role"] == "assistant"
        assert sample.expectation.is_met_by(answered(sample)), sample


@pytest.mark.parametrize("split", list(Split))
@pytest.mark.parametrize("skill", ["tool_call", "two_calls", "tool_result"])
def test_a_call_names_an_offered_tool_and_only_its_parameters(skill: str, split: Split) -> None:
    for sample in measured_cases(skill, 150, split=split):
        offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in sample.tools}  # type: ignore[index]  # a tool's function is an object
        made = [call["function"] for message in sample.messages for call in message.get("tool_calls", [])]
        assert made
        for call in made:
            schema = offered[call["name"]]
            assert set(schema.get("required", ())) <= set(call["arguments"]) <= set(schema["properties"])
            assert list(call["arguments"]) == [key for key in schema["properties"] if key in call["arguments"]]


@pytest.mark.parametrize("split", list(Split))
def test_every_argument_stands_in_what_was_asked(split: Split) -> None:
    for sample in measured_cases("tool_call", 200, split=split):
        asked = sample.messages[-2]["content"].casefold()
        for value in leaves(sample.messages[-1]["tool_calls"][0]["function"]["arguments"]):
            assert str(value).casefold() in asked, sample


def leaves(value: object) -> list[object]:
    """The plain values inside arguments."""
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    return [value]


@pytest.mark.parametrize("split", list(Split))
def test_a_grounded_answer_stands_in_every_document_that_it_cites_and_in_no_other(split: Split) -> None:
    for sample in measured_cases("grounded", 150, split=split):
        sentence, cited = sample.expectation.exact, set(sample.expectation.cites)
        holds = {
            place
            for place, document in enumerate(sample.documents)
            if sentence in str(document.get("text", document.get("snippet")))
        }
        assert holds == cited
        assert 2 <= len(sample.documents) <= 5


@pytest.mark.parametrize("split", list(Split))
def test_where_nothing_answers_no_document_is_cited(split: Split) -> None:
    for sample in measured_cases("not_in_documents", 50, split=split):
        assert sample.documents
        assert grounded.NOTHING[sample.language] in [message["content"] for message in sample.messages]
        if split is not Split.TRAIN:
            assert sample.expectation == Expectation(exact=grounded.NOTHING[sample.language])


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
        "{about}",
        "{said}",
        "{verb}",
        "{noun}",
        "{entity}",
        "{attribute}",
        "{one}",
        "{two}",
        "{result}",
    )
    for sample in training(CONVERSATIONS):
        said = " ".join(message.get("content", "") for message in sample.messages)
        assert not any(slot in said for slot in slots), said


@pytest.mark.parametrize("module", MODULES_WITH_PHRASES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def test_phrasings_of_the_splits_never_meet(module: types.ModuleType) -> None:
    for bank in banks_of(module):
        said = [{normalised(text) for text in bank.of(split)} - {""} for split in Split]
        assert all(bank.of(split) for split in Split)
        for one, other in combinations(said, 2):
            assert one.isdisjoint(other)


def test_a_phrase_of_a_later_split_is_dropped_from_the_ones_before() -> None:
    bank = phrases(["(Hello|Hi|Hey) there!"], ["hello, there", "hey there"], ["HEY there"])
    assert bank.train == ("Hi there!",)
    assert bank.dev == ("hello, there",)
    assert bank.held_out == ("HEY there",)


@pytest.mark.parametrize("split", [Split.DEV, Split.HELD_OUT])
def test_no_phrase_that_is_measured_is_said_in_the_training_data(split: Split) -> None:
    said = {normalised(message.get("content", "")) for one in training(10_000) for message in one.messages}
    measured = {
        normalised(text)
        for module in MODULES_WITH_PHRASES
        for bank in banks_of(module)
        for text in bank.of(split)
        if "{" not in text
    }
    assert len(measured) > 100
    assert said.isdisjoint(measured)


def names_in(sample: Sample) -> set[str]:
    """Names of the tools of a sample and of all their parameters."""
    functions = [tool["function"] for tool in sample.tools]
    return {str(one["name"]) for one in functions}  # type: ignore[index]  # a tool's function is an object


@pytest.mark.parametrize("split", [Split.DEV, Split.HELD_OUT])
def test_no_tool_and_no_document_that_is_measured_is_trained(split: Split) -> None:
    trained = training(6_000)
    measured = [
        case for skill in ("tool_call", "two_calls", "grounded") for case in measured_cases(skill, 200, split=split)
    ]
    tools = {name for case in measured for name in names_in(case)}
    texts = {case.expectation.exact for case in measured if case.documents}
    assert len(tools) > 100
    assert len(texts) > 100
    assert tools.isdisjoint({name for one in trained for name in names_in(one)})
    assert texts.isdisjoint({one.expectation.exact for one in trained})


def test_names_words_numbers_and_codes_of_the_splits_never_meet() -> None:
    rng = Random(5)
    for make in (made_up_word, name, full_number, code, decimal):
        drawn = [{make(rng, split) for _ in range(1_500)} for split in Split]
        for one, other in combinations(drawn, 2):
            assert one.isdisjoint(other), make


def full_number(rng: Random, split: Split) -> str:
    """A number of more than one digit: the others belong to every split."""
    while len(found := number(rng, split)) == 1:
        pass
    return found


@pytest.mark.parametrize("entries", [FIRST_NAMES, *WORDS.values(), *toolbox.NOUNS.values(), *ATTRIBUTES.values()])
def test_every_list_of_words_has_entries_for_every_split(entries: tuple[str, ...]) -> None:
    assert all(len(of_split(entries, split)) > 1 for split in Split)


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


def test_a_blurred_phrase_keeps_its_slots_in_their_order() -> None:
    rng = Random(12)
    phrase = "Would you please tell me the {attribute} of {entity}, and then {value}?"
    seen = {blur(rng, phrase) for _ in range(500)}
    assert len(seen) > 200
    for text in seen:
        assert re.findall(r"{\w+}", text) == ["{attribute}", "{entity}", "{value}"]


@pytest.mark.parametrize("phrase", ["{label}: {value}", "{value} as the {label}", "Who are you?"])
def test_a_phrase_of_few_words_is_not_blurred(phrase: str) -> None:
    rng = Random(13)
    assert {blur(rng, phrase) for _ in range(50)} == {phrase}


def test_signs_tell_phrasings_apart_where_there_are_no_words() -> None:
    assert normalised("Who is {entity}?") == normalised("who is {entity}")
    assert normalised("{label}: {value}") != normalised("{label} -> {value}")
    bank = phrases(["{label}: {value}", "{label} = {value}"], ["{label} -> {value}"])
    assert bank.train == ("{label}: {value}", "{label} = {value}")


def test_a_loose_phrase_has_each_slot_once_and_is_only_trained() -> None:
    rng = Random(15)
    phrase = "The {attribute} of {entity} is {value}."
    slots = ("{attribute}", "{entity}", "{value}")
    seen = {loosely(rng, Split.TRAIN, Language.ENGLISH, phrase, *slots, invented=0.3) for _ in range(500)}
    assert len(seen) > 50
    assert all(sorted(re.findall(r"{\w+}", text)) == sorted(slots) for text in seen)
    in_order = {loosely(rng, Split.TRAIN, Language.PORTUGUESE, phrase, *slots, in_order=True) for _ in range(500)}
    assert len(in_order) > 50
    assert {tuple(re.findall(r"{\w+}", text)) for text in in_order} == {slots}
    for split in (Split.DEV, Split.HELD_OUT):
        assert {loosely(rng, split, Language.ENGLISH, phrase, *slots) for _ in range(50)} == {phrase}


def test_only_what_is_trained_is_blurred() -> None:
    rng = Random(14)
    bank = phrases(["tell me what you are called"], ["say what you are called"], ["what are you called"])
    assert {bank.pick(rng, Split.DEV) for _ in range(50)} == set(bank.dev)
    assert {bank.pick(rng, Split.HELD_OUT) for _ in range(50)} == set(bank.held_out)
    trained = {bank.pick(rng, Split.TRAIN) for _ in range(500)}
    assert len(trained) > 50
    assert trained.isdisjoint({*bank.dev, *bank.held_out})


def test_without_accents_leaves_plain_letters() -> None:
    assert without_accents("Você não é ação") == "Voce nao e acao"


def test_exact_expectation_forgives_only_outer_space() -> None:
    expectation = Expectation(exact="1, 2, 3")
    assert expectation.is_met_by(Answer(text=" 1, 2, 3\n"))
    assert not expectation.is_met_by(Answer(text="1, 2, 3."))


def test_all_parts_are_needed_in_any_case() -> None:
    expectation = Expectation(all_of=("chat", "Code"))
    assert expectation.is_met_by(Answer(text="CHAT and code"))
    assert not expectation.is_met_by(Answer(text="chat only"))


def test_calls_may_come_in_any_order_but_none_may_be_missing_or_too_many() -> None:
    one, two = call_text("a", {"x": 1, "y": "z"}), call_text("b", {})
    expectation = Expectation(calls=(one, two))
    assert expectation.is_met_by(Answer(calls=(two, one)))
    assert not expectation.is_met_by(Answer(calls=(one,)))
    assert not Expectation(all_of=("hi",)).is_met_by(Answer(text="hi", calls=(one,)))
    assert call_text("a", {"y": "z", "x": 1}) == one
    assert call_text("a", {"y": "z", "x": "1"}) != one


def test_exactly_the_right_documents_must_be_cited() -> None:
    expectation = Expectation(exact="It is.", cites=(0, 2))
    assert expectation.is_met_by(Answer(text="It is.", cites=(2, 0)))
    assert not expectation.is_met_by(Answer(text="It is.", cites=(0,)))
    assert not expectation.is_met_by(Answer(text="It is.", cites=(0, 1, 2)))


def test_citations_are_read_from_marks_and_from_annotations_alike() -> None:
    marked = {"content": "So <co>it is</co: 0:[0,2],1:[5]>."}
    noted = {
        "content": "So it is.",
        "annotations": [{"type": "url_citation", "url_citation": {"url": f"document:{place}"}} for place in (0, 2)],
    }
    assert answer_of(marked) == answer_of(noted) == Answer(text="So it is.", cites=(0, 2))


def test_schema_of_a_constrained_answer_names_every_field_and_its_kind() -> None:
    value = {"a": "x", "b": 0, "c": False, "d": [], "e": {"f": "y"}}
    schema = schema_of(value)
    assert schema["required"] == list("abcde")
    assert schema["additionalProperties"] is False
    kinds = [schema_of(inner)["type"] for inner in value.values()]
    assert kinds == ["string", "integer", "boolean", "array", "object"]
