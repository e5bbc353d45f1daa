"""A traceback without words: every place and every kind, no message."""

from collections.abc import Callable

import pytest

from alive_core.utils.tracebacks import traceback_without_words

SECRET = "the client's words"


def fail(kind: type[Exception]) -> None:
    raise kind(SECRET)


def caught(work: Callable[[], None]) -> Exception:
    with pytest.raises(Exception) as raised:
        work()
    return raised.value


def test_places_and_kinds_stay_and_words_go() -> None:
    told = traceback_without_words(caught(lambda: fail(ValueError)))
    assert SECRET not in told
    assert "in fail" in told
    assert told.endswith("builtins.ValueError")


def test_what_led_to_it_is_told_the_same_way() -> None:
    def work() -> None:
        try:
            fail(KeyError)
        except KeyError as error:
            raise RuntimeError(SECRET) from error

    told = traceback_without_words(caught(work))
    assert SECRET not in told
    assert told.index("builtins.KeyError") < told.index("which led to") < told.index("builtins.RuntimeError")


def test_what_happened_meanwhile_is_told_unless_it_was_put_aside() -> None:
    def meanwhile(*, is_aside: bool) -> None:
        try:
            fail(KeyError)
        except KeyError:
            if is_aside:
                raise RuntimeError(SECRET) from None
            raise RuntimeError(SECRET)  # noqa: B904 - this is what is tested

    seen, unseen = caught(lambda: meanwhile(is_aside=False)), caught(lambda: meanwhile(is_aside=True))
    assert "in fail" in traceback_without_words(seen)
    assert "in fail" not in traceback_without_words(unseen)


def test_each_of_a_group_is_told() -> None:
    group = ExceptionGroup(SECRET, [caught(lambda: fail(KeyError)), caught(lambda: fail(OSError))])
    told = traceback_without_words(group)
    assert SECRET not in told
    assert "builtins.KeyError" in told
    assert "builtins.OSError" in told


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first
    assert traceback_without_words(first).count("builtins.ValueError") == 1
    group = ExceptionGroup(SECRET, [first])
    first.__cause__ = group
    assert traceback_without_words(group).count("builtins.ValueError") == 1
