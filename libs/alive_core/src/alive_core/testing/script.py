"""Scripts: what a message tells the scripted adapter to say and do. Pure.

A line that begins with `/` is a stage direction, everything else is said word by word:

    /think words            reasoning                     /sleep 0.5     do nothing, politely
    /call name {"a": 1}     a tool call, in pieces        /block 0.5     do nothing and let nobody else work
    /repeat 500 word        the word, many times          /wait          until cancelled or closed
    /progress 3 10          3 of 10 steps of the prompt   /print words   on the process's own standard output
    /fail {"kind": "rate_limit_exceeded", "message": "Slow down.", "retry_after": 2, "times": 1}
                            an error, by its class or code; with `times` it fails so often, then passes once
    /raise words            an error that is not ours     /exit 3        end the process       /kill 11   by a signal
    /end                    leave without `Finished`      /encore        go on after `Finished`
    /choice 1               what follows is for choice 1 alone, until the next `/choice`; `/choice all` ends it
    /vector 0.6 0.8         this vector, where vectors are wanted
    //words                 says `/words`
"""

import array
import hashlib
import math
import re
import sys
from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from alive_core.adapters.events import TokenLogprob, TopLogprob
from alive_core.errors import AliveError, InvalidRequest

SAYING = frozenset({"say", "think", "repeat", "progress", "call", "vector"})
DOING = frozenset({"sleep", "block", "wait", "print", "fail", "raise", "exit", "kill"})
ENDING = frozenset({"end", "encore"})
HARMFUL = frozenset({"block", "print", "exit", "kill"})
"""What hurts everything else in the same process."""
REPEAT_LIMIT = 100_000  # words of one `/repeat`: a small request must not fill the memory
SCRIPTED_LOGPROB = -0.125  # of every word; each alternative is less likely by 1

TOKEN_DIGEST_BYTES = 5  # of a word's hash: a token's number stays exact in JavaScript
WORDS_REMEMBERED = 65_536  # the word that was cut longest ago is forgotten first

_SURROGATES = range(0xD800, 0xE000)  # code points that stand for no character
_WORDS = re.compile(r"\s*\S+|\s+")
_EVERY_CHOICE = "all"


class Step(msgspec.Struct, frozen=True):
    """One stage direction, or `say` and a text."""

    verb: str
    words: str


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `/fail` raises. `kind` is a class of the AliveError tree, or its `code`."""

    kind: str
    message: str = "The script says so."
    param: str | None = None
    retry_after: float | None = None
    times: int | None = None
    """So many plays of the same script fail, the next one passes, and so on; `None` fails always."""

    def is_due(self, play: int) -> bool:
        """Whether play number `play`, counted from 0, fails."""
        return self.times is None or play % (self.times + 1) < self.times

    def error(self) -> AliveError:
        """The error itself. Raises ValueError where nothing is called `kind`."""
        for kind in AliveError.tree():
            if self.kind in (kind.__name__, kind.code):
                return kind(self.message, param=self.param, retry_after=self.retry_after)
        raise ValueError(f"there is no error called {self.kind}")


def steps_of(script: str) -> Iterator[Step]:
    """The directions of a script in order; plain lines next to each other are one text."""
    said: list[str] = []
    for line in script.split("\n"):
        if not line.startswith("/") or line.startswith("//"):
            said.append(line.removeprefix("/"))
            continue
        if said:
            yield Step("say", "\n".join(said))
            said = []
        verb, _, words = line[1:].partition(" ")
        yield Step(verb, words)
    if said:
        yield Step("say", "\n".join(said))


def part_of(steps: list[Step], index: int) -> list[Step]:
    """The steps that choice `index` plays: all but those that stand after the `/choice` of another."""
    part, whose = [], _EVERY_CHOICE
    for step in steps:
        if step.verb == "choice":
            whose = step.words.strip()
        elif whose in (_EVERY_CHOICE, str(index)):
            part.append(step)
    return part


def check(steps: list[Step], *, param: str, is_guarded: bool) -> None:
    """Raise InvalidRequest for the first direction that does not exist or, where guarded, would do harm."""
    for step in steps:
        if step.verb not in SAYING | DOING | ENDING | {"choice"}:
            words = "A line that should be said, and begins with `/`, is written with two."
            raise InvalidRequest(f"There is no stage direction /{step.verb}. {words}", param=param)
        if is_guarded and step.verb in HARMFUL:
            words = "Ask a profile whose engine has a process of its own."
            raise InvalidRequest(f"/{step.verb} would hurt the whole server. {words}", param=param)


def words_of(text: str) -> list[str]:
    """The text in pieces: what stands for tokens here. Joined they are the text again."""
    return _WORDS.findall(text)


class Vocabulary:
    """Numbers for words, the same on every server, and the words of those that were given.

    A character alone has its code point. A longer word has a number made from its hash, which is understood once the
    word was cut here.
    """

    def __init__(self) -> None:
        self._words: OrderedDict[int, str] = OrderedDict()

    def tokens_of(self, text: str) -> tuple[int, ...]:
        """The numbers of a text's words."""
        return tuple(map(self._token_of, words_of(text)))

    def _token_of(self, word: str) -> int:
        if len(word) == 1:
            return ord(word)
        digest = hashlib.blake2b(word.encode(errors="surrogatepass"), digest_size=TOKEN_DIGEST_BYTES).digest()
        token = sys.maxunicode + 1 + int.from_bytes(digest, "big")
        self._words[token] = word
        self._words.move_to_end(token)
        if len(self._words) > WORDS_REMEMBERED:
            self._words.popitem(last=False)
        return token

    def word_of(self, token: int) -> str | None:
        """The word of a number; `None` where it stands for none that is known."""
        if token <= sys.maxunicode:
            return None if token in _SURROGATES else chr(token)
        return self._words.get(token)


def repetition(words: str) -> list[str]:
    """What `/repeat` says. Raises ValueError where it is too much."""
    times, _, word = words.partition(" ")
    if int(times) > REPEAT_LIMIT:
        raise ValueError(f"{REPEAT_LIMIT} words are the limit")
    return [word] * int(times)


def logprobs_of(text: str, alternatives: int | None) -> tuple[TokenLogprob, ...]:
    """A text as one token that was likely, and `alternatives` less likely ones; nothing where none were asked for."""
    if alternatives is None:
        return ()
    others = [text, *(f"{text}~{number}" for number in range(1, alternatives))][:alternatives]
    top = tuple(
        TopLogprob(other, SCRIPTED_LOGPROB - place, tuple(other.encode())) for place, other in enumerate(others)
    )
    return (TokenLogprob(text, SCRIPTED_LOGPROB, tuple(text.encode()), top),)


def vector_of(text: str, dimensions: int) -> bytes:
    """A vector of length 1 as little-endian float32, made from the text's hash."""
    noise = array.array("h", hashlib.shake_128(text.encode()).digest(2 * dimensions))
    length = math.sqrt(math.fsum(number * number for number in noise)) or 1.0
    return floats_to_bytes([number / length for number in noise])


def overlap(query: str, document: str) -> float:
    """The share of the query's words that the document has, whatever their case."""
    wanted = set(query.lower().split())
    return len(wanted & set(document.lower().split())) / (len(wanted) or 1)


def floats_to_bytes(numbers: list[float]) -> bytes:
    """Numbers as little-endian float32."""
    vector = array.array("f", numbers)
    if sys.byteorder == "big":
        vector.byteswap()
    return vector.tobytes()
