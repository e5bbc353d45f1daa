# ruff: noqa: SIM905 - a table of words reads best unbroken
"""Phrasings: written compactly, expanded once, and kept apart between training and measuring."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tools.demo_model.data.sample import Language, Split

BLURRED_SHARE = 0.3
LOOSE_SHARE = 0.3
FEWEST_WORDS = {False: 4, True: 3}
"""Phrases with fewer words of their own stay as they are: what they ask for would be lost. True: with slots."""

_CHOICE = re.compile(r"\(([^()]*)\)")
_LETTERS = re.compile(r"[^\w{}]+")
_SLOT = re.compile(r"{\w+}")


def expand(pattern: str) -> Iterator[str]:
    """Yield every text of a pattern: `(hi|hello) there(!|)` gives four. Groups do not nest."""
    parts = _CHOICE.split(pattern)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    for combination in itertools.product(*choices):
        yield re.sub(r" {2,}", " ", "".join(combination)).strip()


def normalised(phrase: str) -> str:
    """The phrase without case, accents and punctuation: two phrasings that share it count as the same.

    Where there are only slots, the signs between them are all that tells phrasings apart, so they stay.
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(letter))
    bare = _LETTERS.sub(" ", plain.casefold()).strip()
    return bare if _SLOT.sub("", bare).strip() else plain.casefold()


@dataclass(frozen=True)
class Phrases:
    """Phrasings of one intention in one language, none of them in two splits."""

    train: tuple[str, ...]
    dev: tuple[str, ...]
    held_out: tuple[str, ...]

    def pick(self, rng: Random, split: Split) -> str:
        """Draw one phrasing of the split. Some of those that are trained are put in other words, see `blur`."""
        text = rng.choice(self.of(split))
        if split is Split.TRAIN and rng.random() < BLURRED_SHARE:
            return self._blurred(rng, text)
        return text

    def _blurred(self, rng: Random, text: str) -> str:
        blurred = blur(rng, text)
        return text if normalised(blurred) in self._measured else blurred

    @cached_property
    def _measured(self) -> frozenset[str]:
        return frozenset(normalised(text) for text in (*self.dev, *self.held_out))

    def of(self, split: Split) -> tuple[str, ...]:
        """All phrasings of the split."""
        return {Split.TRAIN: self.train, Split.DEV: self.dev, Split.HELD_OUT: self.held_out}[split]


def phrases(train: Sequence[str], dev: Sequence[str], held_out: Sequence[str] = ()) -> Phrases:
    """Expand the patterns of the splits. What is held out is dropped from the others, what is dev from training."""
    measured = tuple(text for pattern in held_out for text in expand(pattern))
    reserved = {normalised(text) for text in measured}
    watched = tuple(text for pattern in dev for text in expand(pattern) if normalised(text) not in reserved)
    reserved |= {normalised(text) for text in watched}
    learned = (text for pattern in train for text in expand(pattern))
    return Phrases(tuple(text for text in learned if normalised(text) not in reserved), watched, measured)


def blur(rng: Random, phrase: str) -> str:
    """Replace, leave out, double or add one or two words, never a slot: no single word decides what is asked for.

    People ask in more ways than anybody writes down. Without this the model knew the written ones by heart.
    """
    words = phrase.split(" ")
    for _ in range(rng.choice((1, 1, 2))):
        places = [place for place, word in enumerate(words) if "{" not in word]
        if len(places) < FEWEST_WORDS[any("{" in word for word in words)]:
            break
        place, roll = rng.choice(places), rng.random()
        other = rng.choice(_OTHER_WORDS) if rng.random() < 0.5 else _invented(rng)
        mark = words[place][-1:] if words[place][-1:] in ".,:;!?" else ""
        if roll < 0.45:
            words[place] = other + mark
        elif roll < 0.7:
            del words[place]
        elif roll < 0.8:
            words.insert(place, words[place].rstrip(".,:;!?"))
        else:
            words.insert(place, other)
    return " ".join(words)


def is_loose(rng: Random, split: Split) -> bool:
    """Whether this phrase shall be a loose one: now and then, and only while training."""
    return split is Split.TRAIN and rng.random() < LOOSE_SHARE


def loosely(
    rng: Random,
    split: Split,
    language: Language,
    phrase: str,
    *slots: str,
    invented: float = 0.0,
    in_order: bool = False,
) -> str:
    """While training, now and then only the `slots` of a phrase, in any order, with words or signs between them.

    What stands in the slots has to be enough: in measured phrasings the words between them are always new. `invented`
    is the share of words that no language has; they fit where a slot's text is found elsewhere in the conversation.
    """
    if not is_loose(rng, split):
        return phrase
    return strewn(rng, language, slots if in_order else rng.sample(slots, len(slots)), invented=invented)


def strewn(rng: Random, language: Language, texts: Sequence[str], *, invented: float = 0.0) -> str:
    """These texts in this order, with words or signs between them and maybe before the first."""
    parts: list[str] = []
    for text in texts:
        parts += linking_words(rng, language, (1, 1, 2) if parts else (0, 1, 1, 2), invented=invented)
        parts.append(text)
    return " ".join(parts)


def linking_words(rng: Random, language: Language, counts: Sequence[int], *, invented: float = 0.0) -> list[str]:
    """One of `counts` words or signs that could stand between two others."""
    return [linking_word(rng, language, invented=invented) for _ in range(rng.choice(counts))]


def linking_word(rng: Random, language: Language, *, invented: float = 0.0) -> str:
    """A word or a sign that could stand between two others."""
    if rng.random() < invented:
        return _invented(rng)
    return rng.choice(_WORDS_BETWEEN[language] if rng.random() < 0.7 else _SIGNS)


def new_preposition(rng: Random, language: Language) -> str:
    """Words that nobody has seen and that a name or a thing may follow: `ruma de`, `very tola to`, `simaring`."""
    if rng.random() < 0.3:
        return new_participle(rng, language)
    words = linking_words(rng, language, (1, 1, 2), invented=0.6)
    return " ".join((*words, rng.choice(_PREPOSITIONS[language])))


def new_participle(rng: Random, language: Language) -> str:
    """A word that nobody has seen and that shows by its ending what it does: `simaring`."""
    return _invented(rng) + rng.choice(_PARTICIPLES[language])


def _invented(rng: Random) -> str:
    return "".join(rng.choice("bcdfglmnprstv") + rng.choice("aeiou") for _ in range(rng.randint(1, 3)))


_WORDS_BETWEEN = {
    Language.ENGLISH: tuple(
        """please now then just also here there really maybe quickly kindly today again once well very some any that
        this would could should will can might need want like let make do get give put take say tell show name look
        consider so yet still quite almost even ever rather indeed perhaps certainly exactly roughly who what which
        where how""".split()
    ),
    Language.PORTUGUESE: tuple(
        """por favor agora então só também aqui ali mesmo talvez rápido hoje de novo bem muito algum isso este esta
        poderia deveria vai pode quer quero precisa deixe faça dê ponha pegue diga conte mostre veja considere sobre
        entre com ainda quase até nunca sempre certamente exatamente mais ou menos quem que onde como cadê
        será""".split()
    ),
}
_PREPOSITIONS = {
    Language.ENGLISH: ("of", "to", "for", "in", "on", "with", "from"),
    Language.PORTUGUESE: ("de", "de", "a", "em", "para", "com"),
}
_PARTICIPLES = {Language.ENGLISH: ("ing",), Language.PORTUGUESE: ("ndo", "nte a")}
_OTHER_WORDS = tuple(word for words in _WORDS_BETWEEN.values() for word in words)

_SIGNS = ("=", "~", ">>", "::", "|", "--", "+", "&", "@", "*", "...", ";", "/")

_PREFIXES = {
    Language.ENGLISH: (
        "hey, ",
        "ok, ",
        "please, ",
        "so, ",
        "um, ",
        "well, ",
        "alright, ",
        "and ",
        "quick question: ",
        "tell me, ",
        "excuse me, ",
        "hi! ",
        "sorry, ",
        "one more thing: ",
        "listen, ",
        "now, ",
        "my friend, ",
        "actually, ",
        "oh, ",
        "let me ask: ",
        "again: ",
    ),
    Language.PORTUGUESE: (
        "ei, ",
        "ok, ",
        "por favor, ",
        "então, ",
        "hum, ",
        "bom, ",
        "olha, ",
        "e ",
        "pergunta rápida: ",
        "me diga, ",
        "com licença, ",
        "oi! ",
        "desculpe, ",
        "mais uma coisa: ",
        "escute, ",
        "agora, ",
        "meu amigo, ",
        "na verdade, ",
        "ah, ",
        "deixa eu perguntar: ",
        "de novo: ",
    ),
}
_SUFFIXES = {
    Language.ENGLISH: (" please", " thanks", "!", "..", " :)", "?"),
    Language.PORTUGUESE: (" por favor", " obrigado", "!", "..", " :)", "?"),
}


def roughen(rng: Random, text: str, language: Language) -> str:
    """Write a phrase the way people type: case, missing accents or full stops, a word in front."""
    roll = rng.random()
    if roll < 0.12:
        text = rng.choice(_PREFIXES[language]) + text[:1].lower() + text[1:]
    elif roll < 0.2:
        text = text.rstrip("?!.") + rng.choice(_SUFFIXES[language])
    roll = rng.random()
    if roll < 0.25:
        text = text.lower()
    elif roll < 0.45:
        text = capitalised(text)
    elif roll < 0.47:
        text = text.upper()
    if rng.random() < 0.25:
        text = text.rstrip("?!.") or text
    if language is Language.PORTUGUESE and rng.random() < 0.15:
        text = without_accents(text)
    return swap_letters(rng, text) if rng.random() < 0.04 else text


def capitalised(text: str) -> str:
    """`the bridge` to `The bridge`; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def without_accents(text: str) -> str:
    """`você` to `voce`."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def swap_letters(rng: Random, text: str) -> str:
    """One typing slip: two neighbouring letters change places."""
    if len(text) < 4:
        return text
    place = rng.randrange(1, len(text) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
