"""A chat template tells its family's marks, and a prompt's end tells in which part the model goes on."""

import pytest

from alive_core.dialects import COMMAND_R, HERMES, Markup, markup_of


@pytest.mark.parametrize(
    ("template", "markup"),
    [
        ("{{ '<|START_ACTION|>' }}", COMMAND_R),
        ("<tool_call>\n{{ call | tojson }}\n</tool_call>", HERMES),
        ("<|user|>{{ message.content }}<|end|>", HERMES),
    ],
)
def test_a_template_tells_its_markup(template: str, markup: Markup) -> None:
    assert markup_of(template) is markup


@pytest.mark.parametrize(
    ("markup", "prompt", "segment"),
    [
        (COMMAND_R, "<|CHATBOT_TOKEN|><|START_THINKING|>", "thinking"),
        (COMMAND_R, "<|CHATBOT_TOKEN|><|START_RESPONSE|>", "text"),
        (COMMAND_R, "<|CHATBOT_TOKEN|>", "outside"),
        (COMMAND_R, "<|START_THINKING|><|END_THINKING|>", "outside"),
        (HERMES, "<|im_start|>assistant\n<think>\n", "thinking"),
        (HERMES, "<|im_start|>assistant\n<think>\n\n</think>\n\n", "outside"),
        (HERMES, "<|im_start|>assistant\n", "outside"),
    ],
)
def test_the_end_of_a_prompt_tells_where_the_model_goes_on(markup: Markup, prompt: str, segment: str) -> None:
    assert markup.begun_in(prompt) == segment


def test_only_marks_that_a_template_speaks_of_are_known() -> None:
    assert HERMES.markers_in("a <tool_call> b </tool_call>") == ("<tool_call>", "</tool_call>")
    assert COMMAND_R.markers_in("no marks") == ()
