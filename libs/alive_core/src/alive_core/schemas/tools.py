"""Tools that a chat request offers, and how it says which one to use."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta

from alive_core.schemas.common import JsonSchema, RequestStruct, ToolName


class FunctionDefinition(RequestStruct, frozen=True, kw_only=True):
    """A function the model may call. Without `parameters` it takes none."""

    name: ToolName
    description: str | None = None
    parameters: JsonSchema | None = None
    strict: bool | None = None


class FunctionTool(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A tool whose input is a JSON object."""

    function: FunctionDefinition


class TextInput(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Free-form input."""


class Grammar(RequestStruct, frozen=True, kw_only=True):
    """A grammar and the language it is written in."""

    definition: str
    syntax: Literal["lark", "regex"]


class GrammarInput(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="grammar"):
    """Input that follows a grammar."""

    grammar: Grammar


class CustomDefinition(RequestStruct, frozen=True, kw_only=True):
    """A custom tool the model may call."""

    name: ToolName
    description: str | None = None
    format: TextInput | GrammarInput | None = None


class CustomTool(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="custom"):
    """A tool whose input is text."""

    custom: CustomDefinition


Tool: TypeAlias = FunctionTool | CustomTool


# --- Choice --------------------------------------------------------------------------------------------
class ToolReference(RequestStruct, frozen=True, kw_only=True):
    """A tool by its name."""

    name: str


class FunctionChoice(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """Exactly this function tool."""

    function: ToolReference


class CustomChoice(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="custom"):
    """Exactly this custom tool."""

    custom: ToolReference


class AllowedTools(RequestStruct, frozen=True, kw_only=True):
    """The tools that may be called, and whether one has to be."""

    mode: Literal["auto", "required"]
    tools: Annotated[list[FunctionChoice | CustomChoice], Meta(min_length=1)]


class AllowedToolsChoice(RequestStruct, frozen=True, kw_only=True, tag_field="type", tag="allowed_tools"):
    """Some of the offered tools."""

    allowed_tools: AllowedTools


ToolChoice: TypeAlias = Literal["none", "auto", "required"] | FunctionChoice | CustomChoice | AllowedToolsChoice


# --- Deprecated ----------------------------------------------------------------------------------------
class LegacyFunction(RequestStruct, frozen=True, kw_only=True):
    """An entry of the deprecated `functions`."""

    name: ToolName
    description: str | None = None
    parameters: JsonSchema | None = None


class LegacyFunctionChoice(RequestStruct, frozen=True, kw_only=True):
    """The object form of the deprecated `function_call`."""

    name: str
