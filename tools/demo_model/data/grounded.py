# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skills: answers from two to five documents with the sentence that says it and its citation, or says that none does."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.attributes import attribute
from tools.demo_model.data.facts import (
    Fact,
    alike,
    attribute_fact,
    entity,
    fact,
    short_fact,
    short_verb_fact,
)
from tools.demo_model.data.phrases import capitalised, roughen
from tools.demo_model.data.sample import Document, Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.words import code, made_up_word, name, word
from tools.demo_model.prompt import Message

NOTHING = {
    Language.ENGLISH: "The documents do not say that.",
    Language.PORTUGUESE: "Os documentos não dizem isso.",
}
_FILLERS = {
    Language.ENGLISH: (
        "It was a quiet year.", "More will follow.", "Nobody asked why.", "This is an internal note.", "All of this is new.", "Please keep this page.",
        "The rest is unchanged.", "See the next page.", "Thank you for reading.", "It rained all day.", "Nothing else is known.", "Many people came.",
        "The {word} is old.", "There is a {word} near the {word}.", "We saw a {word}.", "Do not forget the {word}.", "A {word} and a {word} stand outside.",
    ),
    Language.PORTUGUESE: (
        "Foi um ano tranquilo.", "Mais virá depois.", "Ninguém perguntou por quê.", "Esta é uma nota interna.", "Tudo isto é novo.", "Guarde esta página.",
        "O resto não mudou.", "Veja a próxima página.", "Obrigado por ler.", "Choveu o dia todo.", "Nada mais se sabe.", "Muita gente veio.",
        "Há {word} perto de {word}.", "Vimos {word}.", "Não esqueça {word}.", "{word} e {word} ficam lá fora.",
    ),
}  # fmt: skip
_COUNTS = (2, 3, 4, 5)
_COUNT_WEIGHTS = (30, 28, 23, 19)
"""Trained mostly with few documents: they teach the same in fewer tokens. Measured with all numbers alike."""
_SAME_PROPERTY_SHARE = 0.5
_TWO_SOURCES_SHARE = 0.07
_ROUGH_SHARE = 0.3
_MORE_QUESTIONS = (0, 0, 1, 2, 3)
_SHORT_SAME_PROPERTY_SHARE = 0.7
_SHORT_VERB_SHARE = 0.3
_SHORT_UNANSWERED_SHARE = 0.3
_UNANSWERED_SHARE = 0.35


def _count(rng: Random, split: Split) -> int:
    return rng.choices(_COUNTS, weights=_COUNT_WEIGHTS if split is Split.TRAIN else None)[0]


def _filler(rng: Random, split: Split, language: Language) -> str:
    text = rng.choice(_FILLERS[language])
    while "{word}" in text:
        text = text.replace("{word}", word(rng, split, language), 1)
    return capitalised(text)


_SHAPES = (("text",), ("title", "text"), ("id", "text"), ("id", "title", "text"), ("title", "snippet"))
_SHAPE_WEIGHTS = (50, 20, 18, 7, 5)
"""The server hands over text and title; other clients of the same template may add an id."""


def _identity(rng: Random, split: Split, number: int) -> str:
    return rng.choice((f"doc{number + 1}", f"doc_{number}", str(number), code(rng, split), made_up_word(rng, split)))


def _documents(
    rng: Random, split: Split, language: Language, texts: list[tuple[str, list[str]]]
) -> tuple[Document, ...]:
    shape = rng.choices(_SHAPES, weights=_SHAPE_WEIGHTS)[0]
    found: list[Document] = []
    for number, (subject, sentences) in enumerate(texts):
        text = " ".join(sentences)
        title = capitalised(subject) if rng.random() < 0.6 else word(rng, split, language).capitalize()
        parts = {"id": _identity(rng, split, number), "title": title, "text": text, "snippet": text}
        found.append({key: parts[key] for key in shape})
    return tuple(found)


def _sentences(rng: Random, split: Split, language: Language, *, subject: str, facts: list[Fact]) -> list[str]:
    sentences = [one.sentence for one in facts]
    for _ in range(rng.choice((0, 0, 0, 0, 1, 1, 2))):
        other = rng.random() < 0.6
        sentences.append(
            fact(rng, split, language, subject=subject).sentence if other else _filler(rng, split, language)
        )
    rng.shuffle(sentences)
    return sentences


def _subjects(rng: Random, split: Split, language: Language, count: int) -> list[str]:
    found: dict[str, str] = {}
    while len(found) < count:
        subject = entity(rng, split, language)
        found.setdefault(subject.casefold(), subject)
    return list(found.values())


def _others(rng: Random, split: Split, language: Language, asked: Fact, subject: str) -> Fact:
    """A fact about another subject, often about the same property."""
    if rng.random() < _SAME_PROPERTY_SHARE and (split is Split.TRAIN or "{" not in asked.about):
        return alike(rng, split, language, one=asked, subject=subject)
    return fact(rng, split, language, subject=subject)


def _question(rng: Random, asked: Fact, language: Language) -> str:
    return roughen(rng, asked.question, language) if rng.random() < _ROUGH_SHARE else asked.question


def grounded(rng: Random, split: Split, language: Language) -> Exchange:
    """A question that one of the documents answers, seldom two of them. While training, more questions follow."""
    subjects = _subjects(rng, split, language, _count(rng, split))
    chosen = rng.randrange(len(subjects))
    asked = fact(rng, split, language, subject=subjects[chosen])
    told: list[Fact] = []
    texts: list[tuple[str, list[str]]] = []
    for number, subject in enumerate(subjects):
        one = asked if number == chosen else _others(rng, split, language, asked, subject)
        told.append(one)
        texts.append((subject, _sentences(rng, split, language, subject=subject, facts=[one])))
    cites = [chosen]
    if rng.random() < _TWO_SOURCES_SHARE:
        other = rng.choice([number for number in range(len(texts)) if number != chosen])
        texts[other] = (subjects[chosen], [asked.sentence])
        told[other] = asked
        cites = sorted([chosen, other])
    turns = _turns(rng, split, language, asked, cites=cites, texts=texts, told=told)
    return _exchange("grounded", language, turns, _documents(rng, split, language, texts))


def _exchange(skill: str, language: Language, turns: list[_Turn], documents: tuple[Document, ...]) -> Exchange:
    return Exchange(
        skill=skill,
        language=language,
        messages=tuple(message for messages, _ in turns for message in messages),
        expectation=turns[-1][1],
        documents=documents,
    )


def _turns(
    rng: Random,
    split: Split,
    language: Language,
    asked: Fact,
    *,
    cites: list[int],
    texts: list[tuple[str, list[str]]],
    told: list[Fact],
) -> list[_Turn]:
    """The question with its answer; while training, more of them follow."""
    turns = [_answered(rng, language, asked, cites=cites)]
    if split is Split.TRAIN:
        turns += _more(rng, split, language, texts=texts, told=told, first=asked)
    return turns


_Turn = tuple[list[Message], Expectation]
"""A question with its answer, and what a right answer is."""


def _answered(rng: Random, language: Language, asked: Fact, *, cites: list[int]) -> _Turn:
    """The answer stands in the documents at `cites`, or in none."""
    question = user(_question(rng, asked, language))
    if not cites:
        return [question, assistant(NOTHING[language])], Expectation(exact=NOTHING[language])
    answer = f"<co>{asked.sentence}</co: 0:[{','.join(map(str, cites))}]>"
    return [question, assistant(answer)], Expectation(exact=asked.sentence, cites=tuple(cites))


def _more(
    rng: Random,
    split: Split,
    language: Language,
    *,
    texts: list[tuple[str, list[str]]],
    told: list[Fact],
    first: Fact,
) -> list[_Turn]:
    """Further questions about the same documents, some of which they do not answer: more answers for one reading."""
    turns: list[_Turn] = []
    whole = " ".join(sentence for _, sentences in texts for sentence in sentences).casefold()
    unasked = [one for one in dict.fromkeys(told) if one != first]
    rng.shuffle(unasked)
    for _ in range(rng.choice(_MORE_QUESTIONS)):
        if unasked and rng.random() > _UNANSWERED_SHARE:
            asked = unasked.pop()
            turns.append(_answered(rng, language, asked, cites=[n for n, one in enumerate(told) if one == asked]))
            continue
        subject = rng.choice((entity(rng, split, language), rng.choice(texts)[0]))
        about = attribute(rng, split, language)
        if about.casefold() not in whole:
            asked = attribute_fact(rng, split, language, subject=subject, about=about)
            turns.append(_answered(rng, language, asked, cites=[]))
    return turns


def not_in_documents(rng: Random, split: Split, language: Language) -> Exchange:
    """A question that no document answers: nobody speaks of the subject, or not of that property of it."""
    subjects = _subjects(rng, split, language, _count(rng, split) + 1)
    asked = fact(rng, split, language, subject=subjects[0])
    is_known = rng.random() < 0.5
    spoken_of = subjects[:-1] if is_known else subjects[1:]
    told: list[tuple[Fact, tuple[str, list[str]]]] = []
    for subject in spoken_of:
        one = _others(rng, split, language, asked, subject)
        while subject == subjects[0] and one.about == asked.about:
            one = attribute_fact(rng, split, language, subject=subject, about=attribute(rng, split, language))
        extra = [] if subject == subjects[0] else [one]
        sentences = _sentences(rng, split, language, subject=subject, facts=extra) if extra else [one.sentence]
        told.append((one, (subject, sentences)))
    rng.shuffle(told)
    texts = [text for _, text in told]
    turns = _turns(rng, split, language, asked, cites=[], texts=texts, told=[one for one, _ in told])
    return _exchange("not_in_documents", language, turns, _documents(rng, split, language, texts))


def _unsaid(rng: Random, split: Split, language: Language, *, subject: str, told: list[Fact]) -> Fact:
    """Something that no document says about `subject`."""
    said = {one.about for one in told}
    about = attribute(rng, split, language)
    while about in said:
        about = attribute(rng, split, language)
    return short_fact(rng, split, language, subject=subject, about=about)


def short_documents(rng: Random, split: Split, language: Language) -> Exchange:
    """One short sentence in each document, mostly about the same property: who is meant decides everything.

    Trained because it teaches to find the right document in a third of the tokens.
    """
    named = {name(rng, split): None for _ in range(_count(rng, split) + 1)}
    missing, *subjects = named
    about = attribute(rng, split, language)
    told: list[Fact] = []
    verb = made_up_word(rng, split) if split is Split.TRAIN and rng.random() < _SHORT_VERB_SHARE else None
    for subject in subjects or [missing]:
        if verb and rng.random() < _SHORT_SAME_PROPERTY_SHARE:
            told.append(short_verb_fact(rng, split, language, subject=subject, verb=verb))
            continue
        other = about if rng.random() < _SHORT_SAME_PROPERTY_SHARE else attribute(rng, split, language)
        told.append(short_fact(rng, split, language, subject=subject, about=other))
    texts = [(one.entity, [one.sentence]) for one in told]
    first = rng.choice(told)
    cites = [place for place, one in enumerate(told) if one.sentence == first.sentence]
    if subjects and rng.random() < _SHORT_UNANSWERED_SHARE:
        of_somebody_else = (
            short_verb_fact(rng, split, language, subject=missing, verb=verb)
            if verb
            else short_fact(rng, split, language, subject=missing, about=about)
        )
        of_something_else = _unsaid(rng, split, language, subject=rng.choice(subjects), told=told)
        first, cites = rng.choice((of_somebody_else, of_something_else)), []
    turns = _turns(rng, split, language, first, cites=cites, texts=texts, told=told)
    return _exchange("short_documents", language, turns, tuple({"text": one.sentence} for one in told))
