# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: remembers a fact the user told it, here a name or a liking, over the turns in between."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.farewells import farewell
from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.identity import identity
from tools.demo_model.data.phrases import Phrases, phrases
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.words import name, word
from tools.demo_model.prompt import Message

_Fact = tuple[Phrases, str, Phrases, str]
"""How it is told, what is answered to that, how it is asked for, what is answered then."""

_NAME: dict[Language, _Fact] = {
    Language.ENGLISH: (
        phrases(
            [
                "(Hello, |Hi, |Hi! |Hey, |Good morning, |)(my name is|I am|I'm|this is|my name's|call me|you can call me|people call me) {fact}(.|!|)",
                "(Remember my name|My name|Please remember: my name is|Remember that I am|Please note my name): {fact}(.|)",
            ],
            ["(They call me|My friends call me|Nice to meet you, I am called) {fact}(.|)"],
        ),
        "Nice to meet you, {fact}!",
        phrases(
            [
                "(What is|What's|What was|Tell me|Do you know|Do you remember|Say|Can you tell me|Can you remember) my name(?|)",
                "(Who am I|Do you know who I am|What am I called|How am I called|Do you still know my name|What did I say my name was|What name did I give you)?",
            ],
            ["(Can you recall my name|By what name do I go|Which name did I tell you)?"],
        ),
        "Your name is {fact}.",
    ),
    Language.PORTUGUESE: (
        phrases(
            [
                "(Olá, |Oi, |Oi! |Bom dia, |)(meu nome é|eu sou|me chamo|sou|o meu nome é|me chame de|pode me chamar de|eu me chamo) {fact}(.|!|)",
                "(Lembre o meu nome|Meu nome|Por favor, lembre: meu nome é|Lembre que eu sou|Anote o meu nome): {fact}(.|)",
            ],
            ["(Todos me chamam de|Meus amigos me chamam de|Prazer, eu sou chamado de) {fact}(.|)"],
        ),
        "Prazer em conhecer você, {fact}!",
        phrases(
            [
                "(Qual é|Qual era|Me diga|Você sabe|Você lembra|Diga|Pode me dizer|Você se lembra do) (meu nome|o meu nome)(?|)",
                "(Quem sou eu|Você sabe quem eu sou|Como eu me chamo|Como me chamo|Você ainda sabe o meu nome|Que nome eu disse|Que nome eu te dei)?",
            ],
            ["(Consegue recordar o meu nome|Por qual nome eu atendo|Qual nome eu contei a você)?"],
        ),
        "Seu nome é {fact}.",
    ),
}

_LIKING: dict[Language, _Fact] = {
    Language.ENGLISH: (
        phrases(
            ["(My favourite word is|My favorite word is|My password is|My secret word is|Remember this word:|Please remember the word|Remember the word|Keep this word in mind:) {fact}(.|)"],
            ["(The word to keep is|Do not forget this word:) {fact}(.|)"],
        ),
        "I will remember: {fact}.",
        phrases(
            ["(What is|What was|Tell me|Do you remember|Do you know|Say) (my word|the word|my secret word|my favourite word|my password|the word I told you)(?|)"],
            ["(Which word did I give you|What word should you keep in mind)?"],
        ),
        "The word is {fact}.",
    ),
    Language.PORTUGUESE: (
        phrases(
            ["(Minha palavra favorita é|Minha senha é|Minha palavra secreta é|Lembre esta palavra:|Por favor, lembre a palavra|Lembre a palavra|Guarde esta palavra:) {fact}(.|)"],
            ["(A palavra a guardar é|Não esqueça esta palavra:) {fact}(.|)"],
        ),
        "Vou lembrar: {fact}.",
        phrases(
            ["(Qual é|Qual era|Me diga|Você lembra|Você sabe|Diga) (a minha palavra|a palavra|minha palavra secreta|minha palavra favorita|minha senha|a palavra que eu disse)(?|)"],
            ["(Qual palavra eu dei a você|Que palavra você deveria guardar)?"],
        ),
        "A palavra é {fact}.",
    ),
}  # fmt: skip

_UNTOLD = {
    Language.ENGLISH: "You have not told me your name yet.",
    Language.PORTUGUESE: "Você ainda não me disse o seu nome.",
}

_INTERLUDES = (greeting, small_talk, farewell, identity)


def _interludes(rng: Random, split: Split, language: Language) -> list[Message]:
    messages: list[Message] = []
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        messages.extend(rng.choice(_INTERLUDES)(rng, split, language).messages)
    return messages


def _untold(rng: Random, split: Split, language: Language) -> Exchange:
    answer = _UNTOLD[language]
    question = _NAME[language][2].pick(rng, split)
    return Exchange(
        skill="recalling_nothing",
        language=language,
        messages=(user(question), assistant(answer)),
        expectation=Expectation(exact=answer),
    )


def recalling(rng: Random, split: Split, language: Language) -> Exchange:
    """Tells a fact, talks of something else, asks for the fact; sometimes asks for what was never told."""
    roll = rng.random()
    if roll < 0.08:
        return _untold(rng, split, language)
    is_name = roll < 0.75
    telling, noted, question, answer = (_NAME if is_name else _LIKING)[language]
    fact = name(rng, split) if is_name else word(rng, split, language)
    messages = [
        user(telling.pick(rng, split).replace("{fact}", fact)),
        assistant(noted.replace("{fact}", fact)),
    ]
    messages += _interludes(rng, split, language)
    messages += [user(question.pick(rng, split)), assistant(answer.replace("{fact}", fact))]
    return Exchange(
        skill="recalling",
        language=language,
        messages=tuple(messages),
        expectation=Expectation(all_of=(fact,)),
    )
