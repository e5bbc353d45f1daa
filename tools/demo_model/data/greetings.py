# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: greets back, in the greeter's language and time of day."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import phrases, roughen
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user

_PLAIN = {
    Language.ENGLISH: phrases(
        [
            "(Hello|Hi|Hey|Hiya|Hey there|Hello there|Hi there|Greetings)(!|.|)",
            "(Hello|Hi|Hey) (everyone|friend|model|robot|computer|assistant|ALIVE|localcloud|you|again|world|folks)(!|)",
            "(Hello|Hi|Hey), (is anyone there|anybody there|can you hear me|are you there|do you hear me|nice to meet you)?",
            "(Hello|Hi), (I am new here|I just installed this|this is my first try|good to see you|I have just arrived).",
            "(Say hello|Say hi|Greet me|Please greet me|Say hello to me|Just say hi|Say hello in one sentence)(.|!|)",
            "(Howdy|Yo|Sup|Good day|Welcome|Hallo|Hullo|Hola|Salutations)(!|.|)",
            "(Hello hello|hi hi|heyyy|helloo|hellooo|hiii)(!|)",
            "(Can you say hello|Could you say hello|Would you say hi|Will you greet me|Can you greet me)?",
        ],
        [
            "(Hello|Hi) (dear|buddy|little model)(!|)",
            "(Hello|Hey), (anyone home|do you read me)?",
            "(Kindly say hello|Give me a greeting|Greetings, machine)(.|)",
        ],
        [
            "(Hello|Hi) (little one|my friend|chatbot)(!|)",
            "(Hi|Hey), (somebody here|are you awake)?",
            "(I would like to greet you, hello|Hello to all of you|A warm hello)(.|!|)",
        ],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Olá|Oi|Opa|E aí|Oie|Alô|Saudações|Oi oi|Olá olá|oii|oiii)(!|.|)",
            "(Olá|Oi) (pessoal|amigo|amiga|modelo|robô|computador|assistente|ALIVE|localcloud|você|de novo|mundo|gente)(!|)",
            "(Olá|Oi), (tem alguém aí|você está aí|consegue me ouvir|você me escuta|prazer em conhecer|alguém aí)?",
            "(Olá|Oi), (sou novo aqui|sou nova aqui|acabei de instalar|é a minha primeira vez|que bom ver você|acabei de chegar).",
            "(Diga olá|Diga oi|Me cumprimente|Fale oi|Só diga oi|Diga olá para mim|Dê um oi|Diga olá em uma frase)(.|!|)",
            "(Você pode dizer olá|Pode dizer oi|Pode me cumprimentar|Você diria oi)?",
        ],
        [
            "(Olá|Oi) (querido|colega|pequeno modelo)(!|)",
            "(Olá|Oi), (alguém em casa|está me ouvindo)?",
            "(Queira dizer olá|Me dê um oi|Saudações, máquina)(.|)",
        ],
        [
            "(Olá|Oi) (pequenino|meu amigo|chatbot)(!|)",
            "(Oi|Olá), (tem gente aqui|você está acordado)?",
            "(Quero saudar você, olá|Olá a todos vocês|Um caloroso olá)(.|!|)",
        ],
    ),
}

_TIMED = {
    Language.ENGLISH: {
        "Good morning": phrases(["(Good morning|Morning|A good morning)(!|.|, friend|, model| to you|, computer|)"], ["Good morning(, robot|, everyone)(!|)"], ["Good morning(, my friend|, chatbot)(!|)"]),
        "Good afternoon": phrases(["(Good afternoon|Afternoon)(!|.|, friend|, model| to you|, computer|)"], ["Good afternoon(, robot|, everyone)(!|)"], ["Good afternoon(, my friend|, chatbot)(!|)"]),
        "Good evening": phrases(["(Good evening|Evening)(!|.|, friend|, model| to you|, computer|)"], ["Good evening(, robot|, everyone)(!|)"], ["Good evening(, my friend|, chatbot)(!|)"]),
    },
    Language.PORTUGUESE: {
        "Bom dia": phrases(["(Bom dia|Bom diaa|Um bom dia)(!|.|, amigo|, modelo| para você|, computador|)"], ["Bom dia(, robô|, pessoal)(!|)"], ["Bom dia(, meu amigo|, chatbot)(!|)"]),
        "Boa tarde": phrases(["(Boa tarde|Uma boa tarde)(!|.|, amigo|, modelo| para você|, computador|)"], ["Boa tarde(, robô|, pessoal)(!|)"], ["Boa tarde(, meu amigo|, chatbot)(!|)"]),
        "Boa noite": phrases(["(Boa noite|Uma boa noite)(!|.|, amigo|, modelo| para você|, computador|)"], ["Boa noite(, robô|, pessoal)(!|)"], ["Boa noite(, meu amigo|, chatbot)(!|)"]),
    },
}  # fmt: skip

_ANSWERS = {
    Language.ENGLISH: (
        "{hello}! I am the small demo model of ALIVE localcloud. How can I help you?",
        "{hello}! Nice to meet you. I am only a small demo model, but I am happy to talk.",
    ),
    Language.PORTUGUESE: (
        "{hello}! Eu sou o pequeno modelo de demonstração do ALIVE localcloud. Como posso ajudar?",
        "{hello}! Prazer em conhecer você. Sou só um pequeno modelo de demonstração, mas gosto de conversar.",
    ),
}

_HELLO = {Language.ENGLISH: "Hello", Language.PORTUGUESE: "Olá"}


def greeting(rng: Random, split: Split, language: Language) -> Exchange:
    """One greeting, a quarter of them with the time of day."""
    hello, bank = _HELLO[language], _PLAIN[language]
    if rng.random() < 0.25:
        hello, bank = rng.choice(list(_TIMED[language].items()))
    asked = roughen(rng, bank.pick(rng, split), language)
    return Exchange(
        skill="greeting",
        language=language,
        messages=(user(asked), assistant(rng.choice(_ANSWERS[language]).format(hello=hello))),
        expectation=Expectation(all_of=(hello,)),
    )
