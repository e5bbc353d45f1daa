"""Real engines print a lot while they load and work; never what they were asked, nor with which key."""

import time

import httpx

from support.servers import Server

WITHIN_S, POLL_S = 5.0, 0.02
SECRET = "Quxwozzle9"
KEY = f"sk-{SECRET}"


def logged(server: Server, *, until: str) -> str:
    """Everything the server has written, its log files and its standard error, once `until` is in it."""
    ends = time.monotonic() + WITHIN_S
    while until not in (text := written(server)):
        assert time.monotonic() < ends, f"{until} was never logged"
        time.sleep(POLL_S)
    return text


def written(server: Server) -> str:
    files = [*server.home.rglob("*.log*"), *server.home.glob("*.stderr")]
    assert len(files) >= 2
    return "\n".join(file.read_text(errors="replace") for file in files)


def ask(server: Server, path: str, **body: object) -> httpx.Response:
    return httpx.post(f"{server.url}{path}", json=body, headers={"authorization": f"Bearer {KEY}"}, timeout=60)


def test_command_r_is_asked_in_every_way_and_the_log_knows_nothing(command_server: Server) -> None:
    said = [{"role": "system", "content": SECRET}, {"role": "user", "content": f"Say {SECRET}!"}]
    tool = {"type": "function", "function": {"name": "look_up", "description": SECRET, "parameters": {}}}
    asked = [
        ask(command_server, "/v1/chat/completions", model="chat", messages=said, max_tokens=8),
        ask(command_server, "/v1/chat/completions", model="chat", messages=said, max_tokens=8, stream=True),
        ask(command_server, "/v1/chat/completions", model="chat", messages=said, max_tokens=8, tools=[tool]),
        ask(command_server, "/v1/chat/completions", model="chat", messages=[*said, *said] * 2000),
        ask(command_server, "/v1/chat/completions", model="chat", messages=said, logit_bias={"999999": 1}),
        ask(command_server, "/v1/responses", model="chat", input=SECRET, max_output_tokens=8),
        ask(command_server, "/tokenize", model="chat", prompt=SECRET),
    ]
    assert asked[0].status_code == asked[1].status_code == 200
    assert asked[3].status_code == 400
    text = logged(command_server, until=asked[-1].headers["x-request-id"])
    assert SECRET not in text


def test_an_embedding_is_asked_for_and_the_log_knows_nothing(providers_server: Server) -> None:
    done = ask(providers_server, "/v1/embeddings", model="embed", input=[SECRET, f"{SECRET} again"])
    last = ask(providers_server, "/v1/embeddings", model="embed", input=f"{SECRET} " * 2000)
    assert done.status_code == 200
    text = logged(providers_server, until=last.headers["x-request-id"])
    assert SECRET not in text


def test_metrics_are_there_and_know_nothing_either(command_server: Server) -> None:
    text = httpx.get(f"{command_server.url}/metrics").text
    assert "alive_build_info{" in text
    assert SECRET not in text
