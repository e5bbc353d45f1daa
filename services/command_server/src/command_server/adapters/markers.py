"""The special tokens that cut a Command-R answer into segments.

Source: the chat templates of Command R7B and Command A
(https://docs.cohere.com/docs/command-r7b-hf, https://huggingface.co/CohereForAI/c4ai-command-r7b-12-2024).
"""

from typing import Final

START_THINKING: Final = "<|START_THINKING|>"
END_THINKING: Final = "<|END_THINKING|>"
START_RESPONSE: Final = "<|START_RESPONSE|>"
END_RESPONSE: Final = "<|END_RESPONSE|>"
START_TEXT: Final = "<|START_TEXT|>"
END_TEXT: Final = "<|END_TEXT|>"
START_ACTION: Final = "<|START_ACTION|>"
END_ACTION: Final = "<|END_ACTION|>"

MARKERS: Final = (
    START_THINKING,
    END_THINKING,
    START_RESPONSE,
    END_RESPONSE,
    START_TEXT,
    END_TEXT,
    START_ACTION,
    END_ACTION,
)


def markers_in(template: str) -> tuple[str, ...]:
    """The markers that a chat template speaks of: its model knows these and no others."""
    return tuple(marker for marker in MARKERS if marker in template)
