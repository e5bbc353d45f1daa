"""No word about what runs here leaves the machine: ONNX Runtime's own reports stay off."""

import os
from typing import Final

_SWITCH: Final = "ORT_DISABLE_TELEMETRY"


def switch_telemetry_off() -> None:
    """Must come before `onnxruntime` or `onnxruntime_genai` is imported for the first time.

    Importing them already opens a database for reports in the user's cache and gives the machine a number; their
    function `disable_telemetry_events` comes too late for that. The variable holds for this process alone.
    """
    os.environ[_SWITCH] = "1"
