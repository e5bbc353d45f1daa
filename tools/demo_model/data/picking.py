# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: picks the first, last or n-th entry of a given list, or says how many there are."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import loosely, phrases
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.words import different_words

_PLACES = {
    Language.ENGLISH: (("first", 0), ("second", 1), ("third", 2), ("fourth", 3), ("last", -1)),
    Language.PORTUGUESE: (("primeira", 0), ("segunda", 1), ("terceira", 2), ("quarta", 3), ("última", -1)),
}

_QUESTIONS = {
    Language.ENGLISH: phrases(
        [
            "(Pick|Choose|Take|Give me|Tell me|Say|Name|Return) the {place} (word|item|one|entry) (of|in|from) (this list|the list|this|these): {items}",
            "(Which|What) (is|word is) the {place} (word|item|one|entry) (of|in) (this list|the list|these): {items}?",
            "(Here is a list|My list|The list|List|I have these words): {items}. (What is the {place} one|Which is the {place}|Give me the {place} one|Pick the {place})(?|)",
            "{items}: (which one is the {place}|what is the {place} word|give me the {place} one|the {place} one, please)?",
            "(Among|In|Of|Within) {items}, (which|what) is the {place}(?| one?| word?)",
            "(Tell|Show|Read|Write) me the {place} (word|item|entry|one) (out of|from|of|in): {items}",
            "(Take a look at|Here are|There are|Given|We have|I wrote) {items}. (What comes {place}|The {place} one|Say the {place} word|I need the {place}|Return the {place} item|Now the {place})(?|.|)",
            "{place}: {items}",
            "(Find|Read|Spot|Get) the {place} (word|one|element|member) (among|in|of) {items}(.|)",
        ],
        [
            "(Look at the list|Consider these): {items}. (Name the {place} entry|Which word comes {place})?",
            "From {items}, select the {place}.",
        ],
        [
            "(My words are|There is this list): {items}. (I want the {place} one|Tell which is the {place})(.|)",
            "Out of {items}, name the {place}.",
        ],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Escolha|Pegue|Me dê|Me diga|Diga|Fale|Devolva) a {place} (palavra|opção|entrada) (desta lista|da lista|destas|disto): {items}",
            "(Qual|Qual palavra) é a {place} (palavra|opção|entrada) (desta lista|da lista|destas): {items}?",
            "(Aqui está uma lista|Minha lista|A lista|Lista|Tenho estas palavras): {items}. (Qual é a {place}|Me dê a {place}|Escolha a {place}|Diga a {place})(?|)",
            "{items}: (qual é a {place}|qual palavra é a {place}|me dê a {place}|a {place}, por favor)?",
            "(Entre|Em|Das) {items}, qual é a {place}(?| palavra?)",
            "(Mostre|Leia|Escreva|Diga) a {place} (palavra|opção|entrada) (dentre|de|em): {items}",
            "(Dê uma olhada em|Aqui estão|Há|Dadas|Temos|Escrevi) {items}. (O que vem na {place}|A {place}|Fale a {place} palavra|Preciso da {place}|Devolva a {place} palavra|Agora a {place})(?|.|)",
            "{place}: {items}",
            "(Ache|Leia|Encontre|Pegue) a {place} (palavra|opção) (entre|em|de) {items}(.|)",
        ],
        [
            "(Olhe a lista|Considere estas): {items}. (Nomeie a {place} entrada|Qual palavra vem na {place} posição)?",
            "De {items}, selecione a {place}.",
        ],
        [
            "(Minhas palavras são|Existe esta lista): {items}. (Quero a {place}|Conte qual é a {place})(.|)",
            "Dentre {items}, cite a {place}.",
        ],
    ),
}
_INVENTED_SHARE = 0.2


def picking(rng: Random, split: Split, language: Language) -> Exchange:
    """A list of three to six words and the question for one place in it."""
    items = different_words(rng, split, language=language, count=rng.randint(3, 6))
    places = [(text, number) for text, number in _PLACES[language] if number < len(items)]
    place, number = rng.choice(places)
    question = _QUESTIONS[language].pick(rng, split)
    question = loosely(rng, split, language, question, "{place}", "{items}", invented=_INVENTED_SHARE)
    asked = question.replace("{place}", place).replace("{items}", ", ".join(items))
    if rng.random() < 0.3:
        asked = asked[:1].lower() + asked[1:]
    return Exchange(
        skill="picking",
        language=language,
        messages=(user(asked), assistant(items[number])),
        expectation=Expectation(exact=items[number]),
    )
