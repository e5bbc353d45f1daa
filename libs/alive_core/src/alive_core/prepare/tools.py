"""Tools and their choice: every form of `tool_choice` becomes a list of tools and one of three words."""

from alive_core.adapters.jobs import Tool, ToolChoice
from alive_core.errors import InvalidRequest, UnsupportedParameter
from alive_core.schemas import tools


def prepare_tools(
    sent: list[tools.Tool] | None, choice: tools.ToolChoice | None
) -> tuple[tuple[Tool, ...], ToolChoice]:
    """The tools the model may call, and whether it must. Naming one tool leaves only that one, and it is required.

    Raises InvalidRequest where the choice names a tool that is not offered.
    """
    offered = tuple(_tool(tool, f"tools[{index}]") for index, tool in enumerate(sent or ()))
    refuse_twins(offered, field="function.name")
    match choice:
        case None:
            return offered, "auto"
        case "required" if not offered:
            raise InvalidRequest("`tool_choice` is `required`, but no tools are offered.", param="tool_choice")
        case "none" | "auto" | "required":
            return offered, choice
        case tools.FunctionChoice():
            return only_named(offered, [choice.function.name]), "required"
        case tools.AllowedToolsChoice():
            names = [_function_name(item) for item in choice.allowed_tools.tools]
            return only_named(offered, names), choice.allowed_tools.mode
        case _:  # tools.CustomChoice
            raise _custom("tool_choice")


def _tool(tool: tools.Tool, where: str) -> Tool:
    if isinstance(tool, tools.CustomTool):
        raise _custom(where)
    definition = tool.function
    return Tool(definition.name, definition.description, definition.parameters or {}, strict=bool(definition.strict))


def refuse_twins(offered: tuple[Tool, ...], *, field: str) -> None:
    """Raise InvalidRequest where two tools have one name; `field` is where in a tool it stands."""
    names = [tool.name for tool in offered]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise InvalidRequest(f"The tool `{name}` is offered twice.", param=f"tools[{index}].{field}")


def _function_name(choice: tools.FunctionChoice | tools.CustomChoice) -> str:
    if isinstance(choice, tools.CustomChoice):
        raise _custom("tool_choice")
    return choice.function.name


def only_named(offered: tuple[Tool, ...], names: list[str]) -> tuple[Tool, ...]:
    """The offered tools with these names. Raises InvalidRequest for a name that is not offered."""
    for name in names:
        if all(tool.name != name for tool in offered):
            raise InvalidRequest(f"`tool_choice` names `{name}`, which is not in `tools`.", param="tool_choice")
    return tuple(tool for tool in offered if tool.name in names)


def _custom(where: str) -> UnsupportedParameter:
    return UnsupportedParameter("Custom tools are not supported. Use function tools.", param=where)
