# ruff: noqa: E501 - tables of phrases and words read best unbroken
"""Skill: repeats a text exactly, letter by letter."""

from __future__ import annotations

from random import Random

from tools.demo_model.data.phrases import capitalised, is_loose, linking_word, phrases
from tools.demo_model.data.sample import Exchange, Expectation, Language, Split, assistant, user
from tools.demo_model.data.words import code, made_up_word, name, number, word

_ORDERS = {
    Language.ENGLISH: phrases(
        [
            "(Repeat|Please repeat|Now repeat|Can you repeat|Repeat exactly|Could you repeat) (after me|this|the following|what I say|these words|this text|this exactly|this sentence): {text}",
            "(Say|Please say|Just say|Now say|Say only|Say exactly|Only say|Say this|Say the words|Say the following): {text}",
            "(Say|Write|Repeat|Echo|Print|Type|Answer with) \"{text}\"",
            "(Echo|Echo this|Echo back|Write|Write exactly|Write this|Print|Type|Copy|Copy this|Reply with|Answer with|Respond with)(:| only:| just:| exactly:) {text}",
            "(Repeat|Say|Echo|Reply with|Answer with exactly) {text}",
        ],
        [
            "(Say after me|Speak these words|Give back exactly|Parrot this|Return this text unchanged): {text}",
            "Tell me exactly this: {text}",
        ], ["(Let me read this back from you|I want to see this again|Reproduce word for word): {text}", "Your answer shall be: {text}"],
    ),
    Language.PORTUGUESE: phrases(
        [
            "(Repita|Por favor, repita|Agora repita|Você pode repetir|Repete) (comigo|isto|o seguinte|o que eu digo|estas palavras|este texto|exatamente isto|depois de mim|esta frase): {text}",
            "(Diga|Por favor, diga|Só diga|Agora diga|Diga apenas|Diga exatamente|Fale|Diga isto|Diga as palavras|Diga o seguinte): {text}",
            "(Diga|Escreva|Repita|Imprima|Digite|Responda com) \"{text}\"",
            "(Ecoe|Escreva|Escreva exatamente|Escreva isto|Imprima|Digite|Copie|Copie isto|Responda com|Responda)(:| apenas:| só:| exatamente:) {text}",
            "(Repita|Diga|Ecoe|Responda com|Responda exatamente) {text}",
        ],
        [
            "(Diga depois de mim|Pronuncie estas palavras|Devolva exatamente|Imite isto|Devolva este texto sem mudar): {text}",
            "Me diga exatamente isto: {text}",
        ], ["(Quero ler isto de volta|Quero ver isto de novo|Reproduza palavra por palavra): {text}", "A sua resposta deve ser: {text}"],
    ),
}  # fmt: skip

_MARKS = (".", "!", "?", "", "", "")
_LOOSE_FRAMES = (
    "{lead}: {text}",
    "{lead}: {text}",
    "{lead}: {text}",
    '{lead} "{text}"',
    "{lead}:\n{text}",
    "{lead}:{text}",
)
_AGAIN_SHARE = 0.12
_LEAD_WORDS = (1, 2, 2, 3, 3, 4, 5)
_INVENTED_SHARE = 0.15


def text_to_repeat(rng: Random, split: Split, language: Language) -> str:
    """One to sixteen words, names or numbers; sometimes with capitals and a mark at the end.

    Most of the words are made up: only looking back, not remembering, can repeat them.
    """
    parts: list[str] = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 16))):
        roll = rng.random()
        if split is Split.TRAIN and parts and rng.random() < _AGAIN_SHARE:
            parts.append(rng.choice(parts))  # what follows a word is not always the same
        elif roll < 0.1:
            parts.append(rng.choice((number, code))(rng, split))
        elif roll < 0.2:
            parts.append(name(rng, split))
        elif roll < 0.6:
            parts.append(made_up_word(rng, split))
        else:
            parts.append(word(rng, split, language))
    text = " ".join(parts)
    if rng.random() < 0.3:
        text = capitalised(text)
    elif rng.random() < 0.05:
        text = text.upper()
    return text + rng.choice(_MARKS)


def _order(rng: Random, split: Split, language: Language) -> str:
    """How the order is put. While training, often any words, then the text behind a colon or in quotation marks."""
    if not is_loose(rng, split):
        return _ORDERS[language].pick(rng, split)
    lead = [
        word(rng, split, language) if rng.random() < 0.5 else linking_word(rng, language, invented=_INVENTED_SHARE)
        for _ in range(rng.choice(_LEAD_WORDS))
    ]
    return rng.choice(_LOOSE_FRAMES).replace("{lead}", capitalised(" ".join(lead)))


def repeating(rng: Random, split: Split, language: Language) -> Exchange:
    """An order to repeat a text, and the bare text."""
    text = text_to_repeat(rng, split, language)
    order = _order(rng, split, language)
    if rng.random() < 0.3:
        order = order[:1].lower() + order[1:]
    return Exchange(
        skill="repeating",
        language=language,
        messages=(user(order.replace("{text}", text)), assistant(text)),
        expectation=Expectation(exact=text),
    )
