"""What ties together everything that is done for one request."""

import asyncio
from contextvars import copy_context

import pytest

from alive_core.utils.trail import Trail, current_trail, follow, is_traceparent, trail_headers

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_without_a_request_there_is_no_trail_and_no_header() -> None:
    assert current_trail() is None
    assert trail_headers() == {}


def test_requests_to_others_carry_the_id_and_the_trace() -> None:
    def in_a_request(trail: Trail) -> dict[str, str]:
        follow(trail)
        return trail_headers()

    assert copy_context().run(in_a_request, Trail("r1")) == {"x-request-id": "r1"}
    assert copy_context().run(in_a_request, Trail("r1", TRACE)) == {"x-request-id": "r1", "traceparent": TRACE}


async def test_the_tasks_of_a_request_follow_it_and_others_do_not() -> None:
    async def seen() -> Trail | None:
        return current_trail()

    async def request(name: str) -> list[Trail | None]:
        follow(Trail(name))
        await asyncio.sleep(0)
        return [current_trail(), await asyncio.create_task(seen())]

    both = await asyncio.gather(request("a"), request("b"))
    assert both == [[Trail("a")] * 2, [Trail("b")] * 2]
    assert current_trail() is None


@pytest.mark.parametrize("text", [TRACE, TRACE.replace("00-4b", "cc-4b") + "-more", TRACE.replace("-01", "-00")])
def test_a_place_in_a_trace_can_be_gone_on_from(text: str) -> None:
    assert is_traceparent(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        TRACE.upper(),
        TRACE.replace("00-4b", "ff-4b"),
        TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        TRACE.replace("00f067aa0ba902b7", "0" * 16),
        TRACE + "\n",
        TRACE + "-" + "x" * 128,
    ],
)
def test_anything_else_is_no_place_in_a_trace(text: str) -> None:
    assert not is_traceparent(text)
