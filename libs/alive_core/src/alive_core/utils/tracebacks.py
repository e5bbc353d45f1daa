"""Where an exception happened, without its words: what a client wrote may be in them."""

import traceback
from collections.abc import Iterator


def traceback_without_words(error: BaseException) -> str:
    """The places and the kinds of an exception and of what led to it, as Python shows them, less every message."""
    return "".join(_parts(error, set())).rstrip("\n")


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and id(earlier) not in seen:
        yield from _parts(earlier, seen)
        yield "\nwhich led to:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            if id(member) not in seen:
                yield "\none of them:\n\n"
                yield from _parts(member, seen)
