import io

from alive_core.catalog.progress import ProgressLine, describe


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_tells_share_amount_speed_and_rest() -> None:
    mib = 1024 * 1024
    assert describe("a.gguf", 25 * mib, 100 * mib, rate=5 * mib) == (
        "a.gguf  25 %  25 MiB of 100 MiB  5 MiB/s  15 s left"
    )


def test_a_line_without_a_known_end_tells_the_amount() -> None:
    assert describe("a.gguf", 2048, None, rate=None) == "a.gguf  2 KiB"


def test_a_terminal_has_one_line_that_is_renewed_a_few_times_a_second() -> None:
    out, clock = Terminal(), Clock()
    line = ProgressLine(out, clock=clock)
    for done in range(101):
        clock.now = done / 100
        line("a.gguf", done, 100)
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().count("\r") <= 7
    assert "a.gguf  100 %" in out.getvalue()


def test_a_log_has_a_plain_line_for_every_tenth() -> None:
    out = io.StringIO()
    line = ProgressLine(out, clock=Clock())
    for done in range(1001):
        line("a.gguf", done, 1000)
    assert len(out.getvalue().splitlines()) <= 11
    assert "\r" not in out.getvalue()
    assert out.getvalue().splitlines()[-1].startswith("a.gguf  100 %")


def test_each_file_begins_anew() -> None:
    out = io.StringIO()
    line = ProgressLine(out, clock=Clock())
    for name in ("a.gguf", "b.gguf"):
        line(name, 0, 10)
        line(name, 10, 10)
    assert [text.split()[0] for text in out.getvalue().splitlines()] == ["a.gguf", "b.gguf"]
