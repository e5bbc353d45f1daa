# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: remembers a fact the user told it, a name, a word or any property, over the turns in between."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.attributes import attribute
from tools.demo_model.data.farewells import farewell
from tools.demo_model.data.greetings import greeting
from tools.demo_model.data.identity import identity
from tools.demo_model.data.phrases import Phrases, phrases
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.small_talk import small_talk
from tools.demo_model.data.words import name, text_value, word
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
            ["(Allow me to introduce myself: I am|At home they call me|The name is) {fact}(.|)"],
        ),
        "Nice to meet you, {fact}!",
        phrases(
            [
                "(What is|What's|What was|Tell me|Do you know|Do you remember|Say|Can you tell me|Can you remember) my name(?|)",
                "(Who am I|Do you know who I am|What am I called|How am I called|Do you still know my name|What did I say my name was|What name did I give you)?",
                "(Remind me what my name is|Do you recall who I am|What do I call myself|Have I told you my name|Please say my name|I forgot my name, what is it|what's my name again|Do you have my name|And my name is|Would you say my name)(?|)",
            ],
            ["(Can you recall my name|By what name do I go|Which name did I tell you)?"],
            ["(Could you tell what I am called|What would my name be|Say who I am)(?|)"],
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
            ["(Permita que eu me apresente: sou|Em casa me chamam de|O nome é) {fact}(.|)"],
        ),
        "Prazer em conhecer você, {fact}!",
        phrases(
            [
                "(Qual é|Qual era|Me diga|Você sabe|Você lembra|Diga|Pode me dizer|Você se lembra do) (meu nome|o meu nome)(?|)",
                "(Quem sou eu|Você sabe quem eu sou|Como eu me chamo|Como me chamo|Você ainda sabe o meu nome|Que nome eu disse|Que nome eu te dei)?",
                "(Me lembre qual é meu nome|Você recorda quem sou|Como costumam me chamar|Eu já disse meu nome|Por favor diga meu nome|Esqueci meu nome, qual é|qual é mesmo o meu nome|Você tem meu nome|E o meu nome é|Você diria meu nome)(?|)",
            ],
            ["(Consegue recordar o meu nome|Por qual nome eu atendo|Qual nome eu contei a você)?"],
            ["(Poderia dizer como me chamam|Qual seria o meu nome|Diga quem eu sou)(?|)"],
        ),
        "Seu nome é {fact}.",
    ),
}

_LIKING: dict[Language, _Fact] = {
    Language.ENGLISH: (
        phrases(
            ["(My favourite word is|My favorite word is|My password is|My secret word is|Remember this word:|Please remember the word|Remember the word|Keep this word in mind:) {fact}(.|)"],
            ["(The word to keep is|Do not forget this word:) {fact}(.|)"], ["(Here is a word to keep:|Memorise the word) {fact}(.|)"],
        ),
        "I will remember: {fact}.",
        phrases(
            ["(What is|What was|Tell me|Do you remember|Do you know|Say) (my word|the word|my secret word|my favourite word|my password|the word I told you)(?|)"],
            ["(Which word did I give you|What word should you keep in mind)?"], ["(Give the word back to me|Which was the word again)(.|?|)"],
        ),
        "The word is {fact}.",
    ),
    Language.PORTUGUESE: (
        phrases(
            ["(Minha palavra favorita é|Minha senha é|Minha palavra secreta é|Lembre esta palavra:|Por favor, lembre a palavra|Lembre a palavra|Guarde esta palavra:) {fact}(.|)"],
            ["(A palavra a guardar é|Não esqueça esta palavra:) {fact}(.|)"], ["(Eis uma palavra para guardar:|Memorize a palavra) {fact}(.|)"],
        ),
        "Vou lembrar: {fact}.",
        phrases(
            ["(Qual é|Qual era|Me diga|Você lembra|Você sabe|Diga) (a minha palavra|a palavra|minha palavra secreta|minha palavra favorita|minha senha|a palavra que eu disse)(?|)"],
            ["(Qual palavra eu dei a você|Que palavra você deveria guardar)?"], ["(Devolva-me a palavra|Qual era mesmo a palavra)(.|?|)"],
        ),
        "A palavra é {fact}.",
    ),
}  # fmt: skip

_PROPERTY: dict[Language, _Fact] = {
    Language.ENGLISH: (
        phrases(
            [
                "(My|Remember: my|Please remember that my|Note that my|By the way, my|You should know that my|Keep in mind that my|FYI: my) {about} is {fact}(.|)",
                "(The {about} is|Remember the {about}:|For later: the {about} is|The {about} for today is) {fact}(.|)",
                "(I have the {about}|I chose as {about}) {fact}(.|)",
            ],
            ["(Write down that my|Never forget that my) {about} is {fact}."],
            ["(Let me tell you that my|Store this: my) {about} is {fact}.", "(As for the {about}, it is) {fact}."],
        ),
        "I will remember: {about} {fact}.",
        phrases(
            [
                "(What is|What's|What was|Tell me|Do you remember|Do you know|Say|Can you tell me|Give me|Remind me of) (my|the) {about}(?|)",
                "(Which {about} did I tell you|What did I say the {about} was|What {about} do I have|And what was my {about}|What {about} did I mention)?", "(What about my|Tell me again my|I forgot my|Look up my|Do you still have my|Could you say my|Would you tell me my|Find my|Read me my|Is there still my) {about}(?|)",
            ],
            ["(Recall my|Could you repeat the) {about}(?|)"],
            ["(Any idea what my {about} was|Bring back the {about} I gave you|Now name my {about})(?|)"],
        ),
        "The {about} is {fact}.",
    ),
    Language.PORTUGUESE: (
        phrases(
            [
                "(Meu|Minha|Lembre: meu|Lembre que a minha|Anote que meu|Aliás, minha|Guarde que meu|Saiba que minha) {about} é {fact}(.|)",
                "(O {about} é|A {about} é|Lembre {about}:|Para depois: {about} é|Hoje {about} é) {fact}(.|)",
                "(Eu tenho {about}|Escolhi como {about}) {fact}(.|)",
            ],
            ["(Escreva que meu|Nunca esqueça que minha) {about} é {fact}."],
            ["(Deixe-me contar que meu|Registre isto: minha) {about} é {fact}.", "(Quanto a {about}, é) {fact}."],
        ),
        "Vou lembrar: {about} {fact}.",
        phrases(
            [
                "(Qual é|Qual|Qual era|Me diga|Você lembra|Você sabe|Diga|Pode me dizer|Me lembre) (meu|minha|o|a|o meu|a minha) {about}(?|)",
                "(Que {about} eu disse|O que eu disse sobre {about}|Que {about} eu tenho|E qual era minha {about}|Que {about} eu mencionei)?", "(E o meu|Me diga de novo meu|Esqueci minha|Você ainda tem meu|Poderia dizer minha|Você diria meu|Fale meu|Ache minha|Leia minha) {about}(?|)",
            ],
            ["(Recorde meu|Poderia repetir a) {about}(?|)"],
            ["(Alguma ideia de qual era meu {about}|Traga de volta a {about} que eu dei|Agora cite minha {about})(?|)"],
        ),
        "{about}: {fact}.",
    ),
}  # fmt: skip

_UNTOLD = {
    Language.ENGLISH: "You have not told me your name yet.",
    Language.PORTUGUESE: "Você ainda não me disse o seu nome.",
}

_INTERLUDES = (greeting, small_talk, farewell, identity)


def _interludes(rng: Random, split: Split, language: Language) -> list[Message]:
    messages: list[Message] = []
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
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
    about = attribute(rng, split, language)
    if roll < 0.35:
        (telling, noted, question, answer), fact = _NAME[language], name(rng, split)
    elif roll < 0.5:
        (telling, noted, question, answer), fact = _LIKING[language], word(rng, split, language)
    else:
        (telling, noted, question, answer), fact = _PROPERTY[language], text_value(rng, split, language)

    def filled(text: str) -> str:
        return text.replace("{about}", about).replace("{fact}", fact)

    messages = [user(filled(telling.pick(rng, split))), assistant(filled(noted))]
    if roll > 0.8:
        other = attribute(rng, split, language)
        told = text_value(rng, split, language)
        more = _PROPERTY[language][0].pick(rng, split).replace("{about}", other).replace("{fact}", told)
        said = _PROPERTY[language][1].replace("{about}", other).replace("{fact}", told)
        if other not in about and about not in other:
            messages += [user(more), assistant(said)]
    messages += _interludes(rng, split, language)
    messages += [user(filled(question.pick(rng, split))), assistant(filled(answer))]
    return Exchange(
        skill="recalling",
        language=language,
        messages=tuple(messages),
        expectation=Expectation(all_of=(fact,)),
    )
