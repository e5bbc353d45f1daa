"""`task test:prometheus`: a real Prometheus reads a real server, and works out every rule and every panel.

Prometheus is Debian's package; where it is missing it is installed, as root, or named. Nothing of the machine's own
Prometheus is touched: this one has a folder and a port of its own, and is gone at the end.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))  # the server is started as the tests start it

from support.queries import ALERTS, SCRAPING, queries, rules, scraping  # noqa: E402 - after the line above
from support.servers import Server, running  # noqa: E402

PACKAGE = "prometheus"
INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends", PACKAGE]
SERVICE = "alive_core.testing.scripted_server"
KEY = "sk-of-the-operator"
REQUESTS = 20
WITHIN_S = 60.0
POLL_S = 0.25

Json = Any  # an answer of Prometheus


def main() -> int:
    """Say what was seen, line by line; returns the exit status."""
    if not is_installed():
        return 1
    for arguments in (["check", "rules", str(ALERTS)], ["check", "config", str(SCRAPING)]):
        subprocess.run(["promtool", *arguments], check=True, stdout=subprocess.DEVNULL)
    print(f"promtool: {len(rules())} rules and the configuration are valid")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with running(SERVICE, home / "server", ALIVE_ADMIN_KEYS=KEY) as server:
            ask(server)
            with prometheus(home, server) as url, httpx.Client(base_url=url) as api:
                return look(api, server)


def is_installed() -> bool:
    """Whether Prometheus is there; installs it where this is root on Debian, else says how."""
    if shutil.which("prometheus") and shutil.which("promtool"):
        return True
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"Prometheus is missing: installing Debian's package `{PACKAGE}` ...", flush=True)
        subprocess.run(["apt-get", "update", "--quiet"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run(INSTALL, check=False, stdout=subprocess.DEVNULL)
    if shutil.which("prometheus") and shutil.which("promtool"):
        return True
    sys.stderr.write(
        "This needs `prometheus` and `promtool`. On Debian and Ubuntu: sudo apt-get install prometheus\n"
        "(it also starts a Prometheus of its own; `sudo systemctl disable --now prometheus` stops that).\n"
    )
    return False


def ask(server: Server) -> None:
    """Give it something to count."""
    headers = {"authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=server.url, headers=headers) as http:
        for model in [*["chat"] * REQUESTS, "nobody"]:
            body = {"model": model, "messages": [{"role": "user", "content": "one two three"}]}
            http.post("/v1/chat/completions", json=body)


@contextmanager
def prometheus(home: Path, server: Server) -> Iterator[str]:
    """A Prometheus with the repository's configuration, but for the port of the server, and the key it asks for."""
    config = scraping()
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    credentials = home / "key"
    credentials.write_text(KEY)
    config["scrape_configs"] = [config["scrape_configs"][0]]
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{server.port}"]}]
    config["scrape_configs"][0]["authorization"] = {"credentials_file": str(credentials)}
    config["rule_files"] = [str(ALERTS)]
    file = home / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={file}",
        f"--storage.tsdb.path={home / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (home / "prometheus.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(WITHIN_S)


def look(api: httpx.Client, server: Server) -> int:
    """Wait for two scrapes, then ask everything that the dashboard and the alerts ask."""
    target = wait_for(api, server)
    print(f"scraped {target['scrapeUrl']}: {target['health']} in {target['lastScrapeDuration'] * 1000:.1f} ms")
    missed = 0
    loaded = data_of(api, "/api/v1/rules")["groups"][0]["rules"]
    broken = [rule["name"] for rule in loaded if rule["health"] == "err"]
    print(f"rules: {len(loaded)} loaded, {len(broken)} cannot be worked out {broken or ''}")
    missed += len(broken) + abs(len(loaded) - len(rules()))
    firing = [rule["name"] for rule in loaded if rule["state"] == "firing"]
    print(f"alerts that fire on a server that is well: {firing or 'none'}")
    missed += len(firing)
    asked = list(queries())
    for where, expression in asked:
        answer = api.get("/api/v1/query", params={"query": expression})
        if answer.status_code != httpx.codes.OK:
            print(f"{where}: {answer.text}")
            missed += 1
    print(f"queries: {len(asked)} asked, all of them can be worked out" if not missed else f"{missed} went wrong")
    counted = value(api, 'sum(alive_answers_total{outcome="ok"})')
    errors = value(api, 'sum(alive_errors_total{code="model_not_found"})')
    print(f"counted: {counted:g} answers of {REQUESTS}, {errors:g} error of 1")
    return 1 if missed or (counted, errors) != (REQUESTS, 1) else 0


def wait_for(api: httpx.Client, server: Server) -> Mapping[str, Json]:
    """The server as Prometheus sees it, once the second scrape is in and rules were worked out."""
    until = time.monotonic() + WITHIN_S
    while True:
        try:
            (target,) = data_of(api, "/api/v1/targets")["activeTargets"]
            groups = data_of(api, "/api/v1/rules")["groups"]
            scrapes = value(api, f'count_over_time(up{{instance="127.0.0.1:{server.port}"}}[1m])')
            if target["health"] == "up" and scrapes > 1 and all(r["health"] != "unknown" for r in groups[0]["rules"]):
                return dict(target)
        except (httpx.HTTPError, ValueError, IndexError):
            pass
        if time.monotonic() > until:
            raise SystemExit("Prometheus did not read the server in time")
        time.sleep(POLL_S)


def data_of(api: httpx.Client, path: str, **params: str) -> Json:
    return api.get(path, params=params).raise_for_status().json()["data"]


def value(api: httpx.Client, expression: str) -> float:
    """The only value of an expression. Raises ValueError where there is none."""
    (sample,) = data_of(api, "/api/v1/query", query=expression)["result"]
    return float(sample["value"][1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
