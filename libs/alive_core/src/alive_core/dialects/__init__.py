"""How families of models write their answers, and how they are held to tools and schemas. For adapters.

A model's chat template tells its `Markup`; with the spelling of its vocabulary that makes its `Dialect`. Prompts go
through `PlainText`, so that nobody but the template makes a control token; `chat_grammar` says what the model may
write, and an `answer_reader` reads what it wrote.
"""

from alive_core.dialects.conversation import template_document, template_message, template_tool
from alive_core.dialects.dialect import Dialect
from alive_core.dialects.grammar import FaultFinder, chat_grammar
from alive_core.dialects.markup import COMMAND_R, HERMES, Markup, markup_of
from alive_core.dialects.plain_text import Pieces, PlainText, Prompt, first_characters, new_mark
from alive_core.dialects.reader import AnswerReader, answer_reader

__all__ = [
    "COMMAND_R",
    "HERMES",
    "AnswerReader",
    "Dialect",
    "FaultFinder",
    "Markup",
    "Pieces",
    "PlainText",
    "Prompt",
    "answer_reader",
    "chat_grammar",
    "first_characters",
    "markup_of",
    "new_mark",
    "template_document",
    "template_message",
    "template_tool",
]
