# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Facts: what documents state and users tell. Something, a property of it, and the value; with the question for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.attributes import ATTRIBUTE_FRAMES, ATTRIBUTE_QUESTIONS, attribute
from tools.demo_model.data.frames import FRAMES, Frame
from tools.demo_model.data.phrases import BLURRED_SHARE, blur, capitalised, loosely, strewn
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.words import (
    full_name,
    known_word,
    made_up_word,
    number,
    text_value,
    word,
)

_ATTRIBUTE_SHARE = 0.6
_NEW_VERB_SHARE = 0.5
_INVENTED_SHARE = 0.3
_SLOTS = re.compile(r"{\w+}")
_ENDINGS = {Language.ENGLISH: ("", "s", "ed", "ing"), Language.PORTUGUESE: ("", "a", "e", "ou", "ando")}


@dataclass(frozen=True)
class Fact:
    """One sentence about something, the value in it, and a question that it answers."""

    entity: str
    about: str
    sentence: str
    value: str
    question: str
    is_done: bool = False
    """Whether `about` is a made-up verb."""


def entity(rng: Random, split: Split, language: Language) -> str:
    """Somebody or something that a document is about."""
    roll = rng.random()
    if roll < 0.45:
        return full_name(rng, split)
    if roll < 0.6:
        return made_up_word(rng, split).capitalize()
    thing = known_word(rng, split, language).lower()
    if language is Language.ENGLISH:
        return rng.choice(
            (
                f"the {thing}",
                f"the {thing} {full_name(rng, split)}",
                f"the {word(rng, split, language)} {thing}",
                f"{made_up_word(rng, split).capitalize()} {thing.capitalize()}",
            )
        )
    return rng.choice(
        (
            f"{thing} {full_name(rng, split)}",
            f"{thing} de {word(rng, split, language)}",
            f"{thing.capitalize()} {made_up_word(rng, split).capitalize()}",
        )
    )


def fact(rng: Random, split: Split, language: Language, *, subject: str) -> Fact:
    """Something new about `subject`."""
    if rng.random() < _ATTRIBUTE_SHARE:
        return attribute_fact(rng, split, language, subject=subject, about=attribute(rng, split, language))
    if split is Split.TRAIN and rng.random() < _NEW_VERB_SHARE:
        return _new_verb_fact(rng, split, language, subject=subject, verb=made_up_word(rng, split))
    frame = rng.choice([frame for frame in FRAMES[language] if split in frame.splits])
    return _frame_fact(rng, split, language, subject=subject, frame=frame)


def alike(rng: Random, split: Split, language: Language, *, one: Fact, subject: str) -> Fact:
    """The same thing said of another `subject`, with another value."""
    frame = next((frame for frame in FRAMES[language] if frame.sentence == one.about), None)
    if frame is not None:
        return _frame_fact(rng, split, language, subject=subject, frame=frame)
    if one.is_done:
        return _new_verb_fact(rng, split, language, subject=subject, verb=one.about)
    return attribute_fact(rng, split, language, subject=subject, about=one.about)


def _frame_fact(rng: Random, split: Split, language: Language, *, subject: str, frame: Frame) -> Fact:
    value, other = frame.value(rng, split, language), frame.other(rng, split, language)
    filled = {"{entity}": subject, "{value}": value, "{other}": other}
    sentence = _fill(_in_other_words(rng, split, frame.sentence), filled)
    return Fact(subject, frame.sentence, sentence, value, _fill(_frame_question(rng, split, language, frame), filled))


def _frame_question(rng: Random, split: Split, language: Language, frame: Frame) -> str:
    """A question for what a frame says; a loose one has the subject and the frame's own words, in any order."""
    said = max(_SLOTS.split(frame.sentence), key=len).strip(" .,;:").lower()
    return loosely(rng, split, language, frame.questions.pick(rng, split), said, "{entity}", invented=_INVENTED_SHARE)


def short_verb_fact(rng: Random, split: Split, language: Language, *, subject: str, verb: str) -> Fact:
    """What `subject` does, in a made-up verb; the value is one word or a number."""
    value = rng.choice((word(rng, split, language), number(rng, split)))
    return _verb_fact(rng, language, subject=subject, verb=verb, value=value, rest=())


def _new_verb_fact(rng: Random, split: Split, language: Language, *, subject: str, verb: str) -> Fact:
    """What `subject` does, in a verb that no language has, and a question with the same verb: only trained."""
    rest = (word(rng, split, language),) if rng.random() < 0.5 else ()
    value = text_value(rng, split, language)
    return _verb_fact(rng, language, subject=subject, verb=verb, value=value, rest=rest)


def _verb_fact(
    rng: Random, language: Language, *, subject: str, verb: str, value: str, rest: tuple[str, ...]
) -> Fact:  # fmt: skip
    told, asked = (verb + rng.choice(_ENDINGS[language]) for _ in range(2))
    said = [told, value, *rest]
    sentence = f"{subject} {strewn(rng, language, said)}."
    question = strewn(rng, language, rng.sample((subject, asked), 2), invented=_INVENTED_SHARE)
    question += rng.choice(("?", "?", ".", ""))
    return Fact(subject, verb, capitalised(sentence), value, capitalised(question), is_done=True)


def attribute_fact(rng: Random, split: Split, language: Language, *, subject: str, about: str) -> Fact:
    """What `about` of `subject` is."""
    sentence = _in_other_words(rng, split, _attribute_frame(rng, split, language))
    value = text_value(rng, split, language) if rng.random() < 0.7 else number(rng, split)
    filled = {"{entity}": subject, "{attribute}": about, "{value}": value}
    return Fact(subject, about, _fill(sentence, filled), value, _fill(_of(rng, split, language), filled))


def short_fact(rng: Random, split: Split, language: Language, *, subject: str, about: str) -> Fact:
    """The same in few tokens: the value is one word or a number."""
    frame = _attribute_frame(rng, split, language)
    value = rng.choice((word(rng, split, language), number(rng, split)))
    filled = {"{entity}": subject, "{attribute}": about, "{value}": value}
    return Fact(subject, about, _fill(frame, filled), value, _fill(_of(rng, split, language), filled))


def _attribute_frame(rng: Random, split: Split, language: Language) -> str:
    frame = rng.choice([text for text, splits in ATTRIBUTE_FRAMES[language] if split in splits]).removesuffix(".")
    slots = ("{attribute}", "{entity}", "{value}")
    return loosely(rng, split, language, frame, *slots, invented=_INVENTED_SHARE) + "."


def _of(rng: Random, split: Split, language: Language) -> str:
    question = ATTRIBUTE_QUESTIONS[language].pick(rng, split)
    return loosely(rng, split, language, question, "{attribute}", "{entity}", invented=_INVENTED_SHARE)


def _in_other_words(rng: Random, split: Split, sentence: str) -> str:
    """A sentence as nobody has written it, while training: an answer has to be read, not remembered."""
    return blur(rng, sentence) if split is Split.TRAIN and rng.random() < BLURRED_SHARE else sentence


def _fill(text: str, filled: dict[str, str]) -> str:
    for slot, value in filled.items():
        text = text.replace(slot, value)
    return capitalised(text)
