# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: counts up or down between two numbers. Long counts are the demo's long answers."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import Phrases, is_loose, linking_words, phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user

_FROM_ONE = {
    Language.ENGLISH: phrases(
        ["(Count|Please count|Can you count|Now count|Could you count|Count for me|Count up|List the numbers|Write the numbers|Give me the numbers) (to|up to|from 1 to|from one to|until) {last}(.|)", "(Start counting to|Let's count to|Count all the way to|Now the numbers to|Try counting to|Will you count to|Begin at one and count to|Numbers up to|Keep counting until|Count slowly to|I need the numbers to) {last}(.|?|)"],
        ["(I want you to count up to|Would you count to|Say the numbers up to) {last}(.|)"], ["(Let me hear you count to|Go counting up to|All numbers up to) {last}(.|)"],
    ),
    Language.PORTUGUESE: phrases(
        ["(Conte|Por favor, conte|Você pode contar|Agora conte|Pode contar|Conte para mim|Liste os números|Escreva os números|Me dê os números) (até|de 1 até|de 1 a|de um até|do 1 ao) {last}(.|)", "(Comece a contar até|Vamos contar até|Conte tudo até|Agora os números até|Tente contar até|Vai contar até|Comece em um e conte até|Números até|Conte devagar até|Preciso dos números até) {last}(.|?|)"],
        ["(Quero que você conte até|Você contaria até|Diga os números até) {last}(.|)"], ["(Quero ouvir você contar até|Vá contando até|Todos os números até) {last}(.|)"],
    ),
}  # fmt: skip

_BETWEEN = {
    Language.ENGLISH: phrases(
        ["(Count|Please count|Can you count|Now count|Could you count|List the numbers|Write the numbers|Count for me) (from|starting at|starting from) {first} to {last}(.|)", "(Start counting at|Let's count from|Try counting from|Will you count from|Begin at|Numbers from|Count all from|I need the numbers from) {first} to {last}(.|?|)"],
        ["(I want you to count from|Would you count from|Say the numbers from) {first} to {last}(.|)"], ["(Let me hear you count from|Go counting from|All numbers from) {first} to {last}(.|)"],
    ),
    Language.PORTUGUESE: phrases(
        ["(Conte|Por favor, conte|Você pode contar|Agora conte|Pode contar|Liste os números|Escreva os números|Conte para mim) (de|começando em|a partir de) {first} até {last}(.|)", "(Comece a contar de|Vamos contar de|Tente contar de|Vai contar de|Números de|Conte tudo de|Preciso dos números de) {first} até {last}(.|?|)"],
        ["(Quero que você conte de|Você contaria de|Diga os números de) {first} até {last}(.|)"], ["(Quero ouvir você contar de|Vá contando de|Todos os números de) {first} até {last}(.|)"],
    ),
}  # fmt: skip

_DOWN = {
    Language.ENGLISH: phrases(
        ["(Count|Please count|Can you count|Now count|Could you count|Count for me|Let's count) (down|backwards|back|in reverse|downwards) from {first} to {last}(.|)", "(Count|Go|Start|Begin) at {first} and (go|count) (down|back|backwards) to {last}(.|)", "(Count down|Countdown|Backwards|Down|In reverse)(:|) {first} to {last}(.|)"],
        ["(Would you count|I want you to count) (down|backwards) from {first} to {last}(.|)"], ["(Let me hear you count|Go counting) (down|backwards) from {first} to {last}(.|)"],
    ),
    Language.PORTUGUESE: phrases(
        ["(Conte|Por favor, conte|Você pode contar|Agora conte|Pode contar|Conte para mim|Vamos contar) (para trás|de trás para frente|ao contrário|em ordem decrescente|regressivamente) de {first} (até|a) {last}(.|)", "(Comece|Parta) em {first} e (desça|conte para trás) até {last}(.|)", "(Contagem regressiva|Para trás|Ao contrário|Descendo)(:|) de {first} (até|a) {last}(.|)"],
        ["(Você contaria|Quero que você conte) (para trás|ao contrário) de {first} até {last}(.|)"], ["(Quero ouvir você contar|Vá contando) (para trás|ao contrário) de {first} até {last}(.|)"],
    ),
}  # fmt: skip
_COUNT_WORDS = {
    Language.ENGLISH: ("count", "counting", "numbers", "number", "counts", "all numbers", "every number"),
    Language.PORTUGUESE: ("conte", "contar", "contando", "números", "contagem", "os números", "cada número"),
}
_INVENTED_SHARE = 0.25
_DOWN_SHARE = 0.35
_DOWN_SAID_SHARE = 0.6
_EDGE_SHARE = 0.4
_EDGES = (5, 10, 10, 20, 100)
"""Where a number gains or loses a digit, or its ten; and the small ones, which mostly are counted up."""

_LENGTHS = (3, 4, 5, 5, 6, 7, 8, 9, 10, 10, 12, 15, 20, 25)
_LONG = (30, 50, 100)
_LONG_SHARE = 0.04


def _range(rng: Random) -> list[int]:
    length = rng.choice(_LONG) if rng.random() < _LONG_SHARE else rng.choice(_LENGTHS)
    if rng.random() < 0.5:
        return list(range(1, length + 1))
    length = min(length, 12)
    at_an_edge = rng.random() < _EDGE_SHARE
    first = max(0, rng.choice(_EDGES) - rng.randrange(length)) if at_an_edge else rng.randint(0, 90)
    numbers = list(range(first, first + length))
    return numbers[::-1] if rng.random() < _DOWN_SHARE else numbers


def _asked(rng: Random, split: Split, language: Language, *, bank: dict[Language, Phrases]) -> str:
    """How the count is asked for. While training, often any words around one that speaks of counting."""
    if not is_loose(rng, split):
        return bank[language].pick(rng, split)
    words = linking_words(rng, language, (0, 1, 1, 2, 3), invented=_INVENTED_SHARE)
    words.insert(rng.randint(0, len(words)), rng.choice(_COUNT_WORDS[language]))
    if bank is not _FROM_ONE:
        words += ["{first}", *linking_words(rng, language, (1, 1, 2), invented=_INVENTED_SHARE)]
    return " ".join((*words, "{last}"))


def counting(rng: Random, split: Split, language: Language) -> Exchange:
    """Counts from one, or from a number up or down to another. Separated by a comma and a space."""
    numbers = _range(rng)
    bank = _FROM_ONE if numbers[0] == 1 and len(numbers) > 1 else _BETWEEN
    if numbers[0] > numbers[-1] and rng.random() < _DOWN_SAID_SHARE:
        bank = _DOWN
    asked = _asked(rng, split, language, bank=bank).format(first=numbers[0], last=numbers[-1])
    answer = ", ".join(map(str, numbers))
    return Exchange(
        skill="counting",
        language=language,
        messages=(user(roughen(rng, asked, language)), assistant(answer)),
        expectation=Expectation(exact=answer),
    )
