"""An OpenAPI document that answers are held against."""

import json
import re
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = Any  # a JSON document as `json` has it
_HOME = "urn:document"


class Described:
    """What a server says about itself."""

    def __init__(self, document: Json) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Json] = Registry().with_resource(_HOME, resource)

    def operation(self, method: str, path: str) -> Json:
        """The operation that answers a real path: the most exact one, for a name may hold slashes."""
        found = [
            template
            for template, operations in self.document["paths"].items()
            if method.lower() in operations and re.fullmatch(re.sub(r"\\\{\w+\\\}", ".+", re.escape(template)), path)
        ]
        assert found, f"the document does not have {method} {path}"
        exact = max(found, key=lambda template: template.count("/"))
        return self.document["paths"][exact][method.lower()]

    def operation_ids(self) -> list[str]:
        """The name of every operation."""
        return [each["operationId"] for path in self.document["paths"].values() for each in path.values()]

    def links_to(self, operation_id: str) -> list[tuple[tuple[str, str], Json]]:
        """The operations whose answers lead to this one, and the links that say how."""
        return [
            ((method.upper(), path), link)
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
            for link in operation["responses"].get("200", {}).get("links", {}).values()
            if link["operationId"] == operation_id
        ]

    def check(self, response: httpx.Response) -> None:
        """Fail where a whole response is none that the document describes."""
        operation = self.operation(response.request.method, response.request.url.path)
        answer = operation["responses"].get(str(response.status_code))
        assert answer is not None, f"{response.status_code} is not described: {response.text}"
        media = response.headers["content-type"].partition(";")[0]
        assert media in answer["content"], f"{media} is not described for {response.status_code}"
        self._check_headers(response, answer["headers"])
        schema = answer["content"][media]["schema"]
        if media == "text/event-stream":
            for data in data_of(response.text):
                self.check_value(data, schema)
        else:
            self.check_value(response.json() if media == "application/json" else response.text, schema)

    def check_value(self, value: Json, schema: Json) -> None:
        """Fail where a value does not satisfy a schema of the document."""
        absolute = json.loads(json.dumps(schema).replace('"#/', f'"{_HOME}#/'))
        Draft202012Validator(absolute, registry=self._registry).validate(value)

    @staticmethod
    def _check_headers(response: httpx.Response, described: Json) -> None:
        ours = {name for name in response.headers if name.startswith("x-alive-") or name == "retry-after"}
        assert ours <= set(described), f"{ours - set(described)} are not described"
        assert "x-request-id" in response.headers


def data_of(stream: str) -> list[Json]:
    """The events of a whole stream as JSON, without `[DONE]`."""
    lines = [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in lines if line != "[DONE]"]
