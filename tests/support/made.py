"""Makes what a path names, as the document says: its links tell which operation makes it, its examples how."""

from typing import Any

import httpx

from support.described import Described

_BODY = "$response.body#/"
_PATH = "$request.path."

Of = tuple[str, str]  # a method, and a path as the document writes it


def real_path(described: Described, http: httpx.Client, of: Of) -> str:
    """The path of an operation, with the names of things that are there now."""
    return of[1].format(**real_values(described, http, of))


def real_values(described: Described, http: httpx.Client, of: Of) -> dict[str, str]:
    """What to write for each part of a path in braces; what is not there by itself is made."""
    operation = described.document["paths"][of[1]][of[0].lower()]
    found = {
        each["name"]: each["example"]
        for each in operation["parameters"]
        if each["in"] == "path" and "example" in each
    }
    for maker, link in described.links_to(operation["operationId"]):
        known = real_values(described, http, maker)
        body = first_example(described, maker)
        answer = http.post(maker[1].format(**known), json=body)
        assert answer.status_code == httpx.codes.OK, answer.text
        for name, where in link["parameters"].items():
            is_known = where.startswith(_PATH)
            found[name] = known[where.removeprefix(_PATH)] if is_known else answer.json()[where.removeprefix(_BODY)]
    return found


def first_example(described: Described, of: Of) -> Any:
    """The first whole body that the document shows for an operation."""
    content = described.document["paths"][of[1]][of[0].lower()]["requestBody"]["content"]
    return next(iter(content["application/json"]["examples"].values()))["value"]
