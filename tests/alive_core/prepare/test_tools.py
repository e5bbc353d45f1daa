"""Tools and every form of `tool_choice`."""

import msgspec
import pytest

from alive_core.adapters.jobs import Tool
from alive_core.errors import InvalidRequest, UnsupportedParameter
from alive_core.prepare.tools import prepare_tools
from alive_core.schemas import tools


def offer(*names: str) -> list[tools.Tool]:
    return [tools.FunctionTool(function=tools.FunctionDefinition(name=name)) for name in names]


def choice(sent: object) -> tools.ToolChoice:
    return msgspec.convert({"it": sent}, msgspec.defstruct("Holder", [("it", tools.ToolChoice)])).it  # type: ignore[attr-defined,no-any-return]  # made on the spot


def function(name: str) -> dict[str, object]:
    return {"type": "function", "function": {"name": name}}


def custom(name: str) -> dict[str, object]:
    return {"type": "custom", "custom": {"name": name}}


def allowed(mode: str, *names: str) -> dict[str, object]:
    return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [function(name) for name in names]}}


def test_a_tool_is_handed_on_whole() -> None:
    definition = tools.FunctionDefinition(name="f", description="d", parameters={"type": "object"}, strict=True)
    prepared, _ = prepare_tools([tools.FunctionTool(function=definition)], None)
    assert prepared == (Tool("f", "d", {"type": "object"}, strict=True),)


def test_a_tool_without_parameters_takes_none() -> None:
    assert prepare_tools(offer("f"), None) == ((Tool("f"),), "auto")


@pytest.mark.parametrize("sent", [None, []])
@pytest.mark.parametrize(("asked", "word"), [(None, "auto"), ("auto", "auto"), ("none", "none")])
def test_without_tools_nothing_has_to_be_chosen(sent: list[tools.Tool] | None, asked: object, word: str) -> None:
    assert prepare_tools(sent, None if asked is None else choice(asked)) == ((), word)


@pytest.mark.parametrize(
    ("asked", "left", "word"),
    [
        ("none", ["a", "b", "c"], "none"),
        ("auto", ["a", "b", "c"], "auto"),
        ("required", ["a", "b", "c"], "required"),
        (function("b"), ["b"], "required"),
        (allowed("auto", "c", "a"), ["a", "c"], "auto"),
        (allowed("required", "b"), ["b"], "required"),
        (allowed("auto", "b", "b"), ["b"], "auto"),
    ],
)
def test_each_form_of_choice_is_a_list_of_tools_and_a_word(asked: object, left: list[str], word: str) -> None:
    prepared, chosen = prepare_tools(offer("a", "b", "c"), choice(asked))
    assert ([tool.name for tool in prepared], chosen) == (left, word)


@pytest.mark.parametrize("asked", [function("z"), allowed("auto", "a", "z"), allowed("required", "z")])
def test_a_choice_of_a_tool_that_is_not_offered_is_wrong(asked: object) -> None:
    with pytest.raises(InvalidRequest, match="`z`") as caught:
        prepare_tools(offer("a"), choice(asked))
    assert caught.value.param == "tool_choice"


@pytest.mark.parametrize("asked", ["required", function("a")])
def test_a_call_cannot_be_required_without_tools(asked: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare_tools(None, choice(asked))
    assert caught.value.param == "tool_choice"


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare_tools(offer("a", "b", "a"), None)
    assert caught.value.param == "tools[2].function.name"


def test_a_custom_tool_is_refused_with_its_place() -> None:
    sent = [*offer("a"), tools.CustomTool(custom=tools.CustomDefinition(name="c"))]
    with pytest.raises(UnsupportedParameter) as caught:
        prepare_tools(sent, None)
    assert caught.value.param == "tools[1]"


@pytest.mark.parametrize(
    "asked",
    [custom("a"), {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [custom("a")]}}],
)
def test_the_choice_of_a_custom_tool_is_refused(asked: object) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        prepare_tools(offer("a"), choice(asked))
    assert caught.value.param == "tool_choice"
