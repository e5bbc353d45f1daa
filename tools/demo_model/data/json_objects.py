# ruff: noqa: E501, SIM905 - tables of phrases and words read best unbroken
"""Skill: writes a small JSON object, so that a schema-bound answer comes out tidy and ends."""

from __future__ import annotations

import json
from random import Random

from tools.demo_model.data.phrases import phrases
from tools.demo_model.data.sample import Constraint, Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.words import made_up_word, name, number, of_split, word

_ORDERS = {
    Language.ENGLISH: phrases(
        [
            "(Write|Give me|Answer with|Make|Create|Return|Reply with|Output) (a|one) JSON( object|) with {fields}(.|)",
            "(Answer in|Answer as|Reply in|Write as|Convert to|Turn into|Give me as) JSON: {fields}(.|)",
            "{fields} (as JSON|in JSON|as a JSON object|to JSON)(.|)",
        ],
        ["(Put this into|Express this in) JSON: {fields}", "Produce a JSON object holding {fields}."],
        ["(Wrap this up as|I would like this in) JSON: {fields}", "Let me have JSON that holds {fields}."],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Escreva|Me dê|Responda com|Faça|Crie|Devolva) um (JSON|objeto JSON) com {fields}(.|)",
            "(Responda em|Responda como|Escreva em|Converta para|Transforme em) JSON: {fields}(.|)",
            "{fields} (como JSON|em JSON|como objeto JSON)(.|)",
        ],
        ["(Coloque isto em|Expresse isto em) JSON: {fields}", "Produza um objeto JSON contendo {fields}."],
        ["(Embrulhe isto como|Gostaria disto em) JSON: {fields}", "Quero ter JSON que contenha {fields}."],
    ),
}

_KEYS = (
    "name age city color animal food count price title kind size active answer language country score level total"
    " first_name email year month day status id unit weight length label note owner ready done open value text"
).split()  # fmt: skip
SCHEMA_SHARE = 0.4
"""How often the client also forces the object by a schema."""

MADE_UP_KEY_SHARE = {Split.TRAIN: 0.4, Split.DEV: 0.0, Split.HELD_OUT: 0.0}
LLAMA_CPP_SHARE = 0.3
"""How much of what a grammar holds is trained the way llama.cpp's own grammars have it."""

KEYS_OF = {split: of_split(_KEYS, split) for split in Split}
_AND = {Language.ENGLISH: " and ", Language.PORTUGUESE: " e "}


def _value(rng: Random, split: Split, language: Language) -> object:
    roll = rng.random()
    if roll < 0.3:
        return int(number(rng, split))
    if roll < 0.4:
        return rng.random() < 0.5
    return name(rng, split) if roll < 0.6 else word(rng, split, language)


def schema_constraint(rng: Random) -> Constraint:
    """Bound to a schema, one way or the other."""
    return Constraint.BARE_SCHEMA if rng.random() < LLAMA_CPP_SHARE else Constraint.SCHEMA


def json_object(rng: Random, split: Split, language: Language) -> Exchange:
    """One to four keys with values to write as JSON."""
    known = rng.sample(KEYS_OF[split], rng.randint(1, min(4, len(KEYS_OF[split]))))
    keys = [made_up_word(rng, split) if rng.random() < MADE_UP_KEY_SHARE[split] else key for key in known]
    values = {key: _value(rng, split, language) for key in keys}
    told = [f"{key} {value if isinstance(value, str) else json.dumps(value)}" for key, value in values.items()]
    fields = _AND[language].join(filter(None, (", ".join(told[:-1]), told[-1])))
    answer = json.dumps(values, ensure_ascii=False)
    is_bound = rng.random() < SCHEMA_SHARE
    return Exchange(
        skill="json",
        language=language,
        messages=(user(_ORDERS[language].pick(rng, split).replace("{fields}", fields)), assistant(answer)),
        expectation=Expectation(exact=answer),
        constraint=schema_constraint(rng) if is_bound else Constraint.NONE,
    )
