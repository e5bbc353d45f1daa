# ruff: noqa: E501 - tables of phrases read best unbroken
"""Arguments for a tool, and what a person says to give them: with the parameter's name, or with a value alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tools.demo_model.data.phrases import (
    is_loose,
    loosely,
    new_participle,
    new_preposition,
    phrases,
)
from tools.demo_model.data.sample import Language, Split
from tools.demo_model.data.toolbox import Parameter, Tool
from tools.demo_model.data.words import code, decimal, full_name, number, phrase, text_value, word

_LABELLED = {
    Language.ENGLISH: phrases(
        [
            "{label} {value}", "{label}: {value}", "{label} = {value}", "the {label} {value}", "{value} as {label}",
            "{label} set to {value}", "the {label} is {value}", '{label} "{value}"', "{value} as the {label}", "{label} is {value}",
            "{value} for the {label}", "{label} should be {value}", "{label} must be {value}", "{label} will be {value}", "{label} as {value}", "with {value} for {label}", "{label} => {value}", "[{label}: {value}]", "{label} to {value}", "whose {label} is {value}", "{value} [{label}]", "{label} named {value}", "{label} [{value}]", "{label} - {value}", "put {value} in {label}", "{label} would be {value}", "{label} has to be {value}", "{label} '{value}'",
        ],
        ["{label} of {value}", "using {value} as {label}", "{label} -> {value}"],
        ["{label} being {value}", "taking {value} as {label}", "{label} equal to {value}"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "{label} {value}", "{label}: {value}", "{label} = {value}", "{value} como {label}", "{label} é {value}",
            "{label} igual a {value}", '{label} "{value}"', "{value} no campo {label}", "{label} deve ser {value}", "{label} será {value}", "{label} como {value}", "{value} para {label}", "{label} => {value}", "[{label}: {value}]", "cujo {label} é {value}", "{value} [{label}]", "{label} [{value}]", "{label} - {value}", "ponha {value} em {label}", "{label} seria {value}", "{label} tem que ser {value}", "com {value} em {label}", "{label} '{value}'",
        ],
        ["{label} de {value}", "usando {value} como {label}", "{label} -> {value}"],
        ["{label} sendo {value}", "tomando {value} como {label}", "{label} valendo {value}"],
    ),
}  # fmt: skip
_COUNTED = {
    Language.ENGLISH: (
        "{value} {label}",
        "for {value} {label}",
        "of {value} {label}",
        "with {value} {label}",
        "in {value} {label}",
        "after {value} {label}",
        "to {value} {label}",
    ),
    Language.PORTUGUESE: (
        "{value} {label}",
        "para {value} {label}",
        "de {value} {label}",
        "com {value} {label}",
        "em {value} {label}",
        "após {value} {label}",
        "a {value} {label}",
    ),
}
"""A number often stands before what it counts: `for 15 minutes`. Only trained."""
_AS = {Language.ENGLISH: "as", Language.PORTUGUESE: "como"}
_UNLABELLED = {
    "string": {
        Language.ENGLISH: phrases(
            [
                "for {value}", "in {value}", "of {value}", "called {value}", "named {value}", "to {value}", "about {value}",
                "on {value}", "from {value}", "into {value}", "under {value}", "over {value}", "through {value}", "around {value}", "within {value}", "via {value}", "towards {value}", "as {value}", "titled {value}", "saying {value}", "inside {value}", "until {value}", "against {value}", "the {value}", "is {value}", "- {value}", "[{value}]", "= {value}", "after {value}", "before {value}", "between {value}", "behind {value}", "beyond {value}", "like {value}", "since {value}", "onto {value}", "across {value}", "along {value}", "above {value}", "below {value}", "during {value}", "without {value}", "containing {value}", "covering {value}", "mentioning {value}", "matching {value}", "describing {value}", "showing {value}", "involving {value}", "featuring {value}", "starting with {value}", "related to {value}", "based on {value}", "known as {value}", "in favour of {value}", "on behalf of {value}", "with a view to {value}", "up to {value}", "that has {value}", "which is {value}", "I mean {value}", "namely {value}", "this: {value}", 'for "{value}"', '"{value}"', "with {value}", "at {value}", "{value}", "'{value}'", ": {value}",
            ],
            ["by {value}", "regarding {value}"],
            ["near {value}", "concerning {value}"],
        ),
        Language.PORTUGUESE: phrases(
            [
                "para {value}", "em {value}", "de {value}", "chamado {value}", "sobre {value}", "do {value}", "da {value}", "ao {value}", "sob {value}", "entre {value}", "até {value}", "desde {value}", "via {value}", "intitulado {value}", "dizendo {value}", "como {value}", "pelo {value}", "pela {value}", "num {value}", "numa {value}", "contra {value}", "o {value}", "a {value}", "= {value}", "[{value}]", "após {value}", "antes de {value}", "depois de {value}", "atrás de {value}", "além de {value}", "acima de {value}", "abaixo de {value}", "dentro de {value}", "fora de {value}", "diante de {value}", "em torno de {value}", "em favor de {value}", "em nome de {value}", "em busca de {value}", "acerca de {value}", "ao lado de {value}", "a partir de {value}", "a favor de {value}", "a mando de {value}", "em relação a {value}", "quanto a {value}", "junto a {value}", "graças a {value}", "contendo {value}", "mencionando {value}", "descrevendo {value}", "envolvendo {value}", "mostrando {value}", "cobrindo {value}", "com base em {value}", "conhecido como {value}", "durante {value}", "sem {value}", "que tem {value}", "que é {value}", "isto é {value}", "quer dizer {value}", "isto: {value}",
                'para "{value}"', '"{value}"', "com {value}", "no {value}", "na {value}", "{value}", "'{value}'", ": {value}",
            ],
            ["por {value}", "a respeito de {value}"],
            ["perto de {value}", "referente a {value}"],
        ),
    },
    "number": {
        Language.ENGLISH: phrases(["{value}", "for {value}", "with {value}", "of {value}", "number {value}", "to {value}", "until {value}", "from {value}", "about {value}", "= {value}", "a total of {value}", "up to {value}", "on {value}", "in {value}", "as {value}", "let us say {value}", "that is {value}"], ["by {value}"], ["at {value}"]),
        Language.PORTUGUESE: phrases(["{value}", "para {value}", "com {value}", "de {value}", "número {value}", "até {value}", "desde {value}", "= {value}", "um total de {value}", "a {value}", "como {value}", "cerca de {value}", "digamos {value}", "isto é {value}"], ["por {value}"], ["em {value}"]),
    },
    "choice": {
        Language.ENGLISH: phrases(["in {value}", "{value}", "as {value}", "please {value}", "make it {value}", "I want it {value}", "should be {value}", "use {value}", "the {value} one", "preferably {value}", "let it be {value}", "with {value}", "for {value}", "to {value}", "[{value}]", "by {value}", "set to {value}", "only {value}", "that would be {value}", "this one is {value}", "we want it {value}", "may it be {value}", "has to be {value}", "= {value}", "choose {value}", "go for {value}", "on {value}", "{value} please", "{value} is fine"], ["it should be {value}"], ["I prefer {value}"]),
        Language.PORTUGUESE: phrases(["em {value}", "{value}", "como {value}", "que seja {value}", "quero {value}", "use {value}", "de preferência {value}", "com {value}", "para {value}", "[{value}]", "por {value}", "só {value}", "em modo {value}", "seria {value}", "tem que ser {value}", "precisa ser {value}", "isso é {value}", "= {value}", "escolha {value}", "vá de {value}", "no {value}", "{value} por favor", "{value} está bom"], ["deve ser {value}"], ["prefiro {value}"]),
    },
}  # fmt: skip

_INVENTED_SHARE = 0.3
"""How many of the loose words before a value no language has, where the value shows by itself where it begins."""
OPTIONAL_GIVEN_SHARE = 0.4
_COUNTED_SHARE = 0.3
_MORE_PHRASES = 2
"""Values of several words are trained more often: they were cut off."""


@dataclass(frozen=True)
class Told:
    """An argument's value and the words that give it. `labelled` words name the parameter, too."""

    value: object
    words: str
    labelled: bool


def _simple_value(rng: Random, split: Split, language: Language, parameter: Parameter) -> tuple[object, str]:
    if parameter.kind == "choice":
        chosen = rng.choice(parameter.choices)
        return chosen, chosen
    if parameter.kind == "integer":
        told = number(rng, split, digits=rng.choice((1, 2, 2, 3, 4, 5)))
        return int(told), told
    if parameter.kind == "number":
        told = decimal(rng, split)
        return float(told), told
    makers = (text_value, text_value, lambda r, s, _: full_name(r, s), lambda r, s, _: code(r, s), word, phrase)
    told = rng.choice(makers + (phrase,) * _MORE_PHRASES if split is Split.TRAIN else makers)(rng, split, language)
    return told, told


def _said_like(parameter: Parameter) -> str:
    """The kind of argument that it sounds like: whole numbers and decimals are said alike."""
    return "number" if parameter.kind == "integer" else parameter.kind


def _stands_out(text: str) -> bool:
    """Whether a value shows where it begins, whatever stands before it: a capital, or a digit."""
    return text[:1].isupper() or any(letter.isdigit() for letter in text.split(" ")[0])


def _labelled(rng: Random, split: Split, language: Language, parameter: Parameter, *, invented: float) -> str:
    """How a value is given together with its parameter's name."""
    if split is Split.TRAIN and rng.random() < _COUNTED_SHARE and parameter.kind in {"integer", "number"}:
        return rng.choice(_COUNTED[language])
    frame = _LABELLED[language].pick(rng, split)
    if not invented and is_loose(rng, split):
        doing = new_participle(rng, language)
        return rng.choice((f"{{label}} {doing} {{value}}", f"{doing} {{value}} {_AS[language]} {{label}}"))
    return loosely(rng, split, language, frame, "{label}", "{value}", invented=invented)


def told(rng: Random, split: Split, language: Language, parameter: Parameter, *, alone: bool) -> Told:
    """Draw an argument and say it. Only where it is `alone` of its kind may its name go unsaid."""
    if parameter.kind == "object":
        parts = [told(rng, split, language, field, alone=False) for field in parameter.fields]
        inner = {field.name: part.value for field, part in zip(parameter.fields, parts, strict=True)}
        said = _joined(rng, [part.words for part in parts], language)
        frame = rng.choice(("{label} ({said})", "{label} {said}", "{label}: {said}", "{said}"))
        return Told(inner, frame.format(label=parameter.label, said=said), labelled=True)
    value, text = _simple_value(rng, split, language, parameter)
    invented = _INVENTED_SHARE if parameter.kind != "string" or _stands_out(text) else 0.0
    if alone and rng.random() < 0.65:
        frame = _UNLABELLED[_said_like(parameter)][language].pick(rng, split)
        if invented:
            frame = loosely(rng, split, language, frame, "{value}", invented=invented)
        elif is_loose(rng, split):
            frame = new_preposition(rng, language) + " {value}"
        return Told(value, frame.replace("{value}", text), labelled=False)
    frame = _labelled(rng, split, language, parameter, invented=invented)
    return Told(value, frame.replace("{label}", parameter.label).replace("{value}", text), labelled=True)


def _joined(rng: Random, parts: Sequence[str], language: Language) -> str:
    if len(parts) == 1:
        return parts[0]
    last = {Language.ENGLISH: (" and ", ", and ", ", "), Language.PORTUGUESE: (" e ", ", e ", ", ")}[language]
    return ", ".join(parts[:-1]) + rng.choice(last) + parts[-1]


def values(rng: Random, split: Split, language: Language, tool: Tool) -> tuple[dict[str, object], str]:
    """Arguments for a tool, in the order of its parameters, and the words that give them, in any order."""
    given = [p for p in tool.parameters if p.required or rng.random() < OPTIONAL_GIVEN_SHARE]
    kinds = [_said_like(parameter) for parameter in tool.parameters]
    arguments: dict[str, object] = {}
    unlabelled: list[str] = []
    labelled: list[str] = []
    for parameter in given:
        alone = kinds.count(_said_like(parameter)) == 1
        one = told(rng, split, language, parameter, alone=alone)
        arguments[parameter.name] = one.value
        (labelled if one.labelled else unlabelled).append(one.words)
    rng.shuffle(labelled)
    rng.shuffle(unlabelled)
    with_word = {
        Language.ENGLISH: (" with ", " with the ", ", ", ": ", " using "),
        Language.PORTUGUESE: (" com ", ", ", ": ", " usando "),
    }[language]
    said = " ".join(unlabelled)
    if labelled:
        said += rng.choice(with_word) + _joined(rng, labelled, language)
    return arguments, said.replace(" :", ":").strip()
