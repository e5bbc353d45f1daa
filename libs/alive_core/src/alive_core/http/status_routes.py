"""The addresses for operators: what the servers' state is, and what to do with models."""

from typing import Final

from alive_core.errors import InvalidRequest, ModelInUse, ModelNotFound, ModelUnavailable, PayloadTooLarge
from alive_core.http.admin import load_model, pin_model, unload_model, unpin_model
from alive_core.http.endpoint import Endpoint
from alive_core.http.status import get_status
from alive_core.schemas.status import LoadRequest, ModelAction, ModelReport, ServerStatus

_GROUP: Final = "Operators"
_PARAMETERS: Final = {"profile": "A name from the list of models."}
_ERRORS: Final = (InvalidRequest, ModelNotFound, PayloadTooLarge)

STATUS_ENDPOINTS: Final = (
    Endpoint(
        path="/alive/status",
        handler=get_status,
        group=_GROUP,
        summary="Who serves what, and what it takes",
        description="From memory, whatever is loading. It names targets, so it is for operators.",
        response=ServerStatus,
        is_admin=True,
    ),
    Endpoint(
        path="/alive/models/{profile:path}/load",
        method="POST",
        handler=load_model,
        group=_GROUP,
        summary="Load the model behind a functionality",
        description=(
            "Also where it failed a moment ago. Answers when it is loaded; with `stream: true`, or where the header "
            "`accept` asks for `text/event-stream`, each event tells how far it is, and `[DONE]` ends them. A client "
            "that leaves before the end takes the load along, unless somebody else waits for it."
        ),
        request=LoadRequest,
        is_body_optional=True,
        response=ModelReport,
        stream=ModelReport,
        parameters=_PARAMETERS,
        errors=(*_ERRORS, ModelUnavailable),
        example={},
        is_admin=True,
    ),
    Endpoint(
        path="/alive/models/{profile:path}/unload",
        method="POST",
        handler=unload_model,
        group=_GROUP,
        summary="Unload the models behind a functionality",
        description=(
            "Answers at once, while they close. Where one is pinned, in use or waited for, that is refused with 409. "
            "The next request loads it again."
        ),
        request=ModelAction,
        is_body_optional=True,
        response=ModelReport,
        parameters=_PARAMETERS,
        errors=(*_ERRORS, ModelInUse),
        example={},
        is_admin=True,
    ),
    Endpoint(
        path="/alive/models/{profile:path}/pin",
        method="POST",
        handler=pin_model,
        group=_GROUP,
        summary="Keep the model behind a functionality in memory",
        description=(
            "Once it is there it is neither unloaded for being idle nor evicted for another one, until it is "
            "unpinned or the server ends. It is not loaded by that."
        ),
        request=ModelAction,
        is_body_optional=True,
        response=ModelReport,
        parameters=_PARAMETERS,
        errors=(*_ERRORS, ModelUnavailable),
        example={},
        is_admin=True,
    ),
    Endpoint(
        path="/alive/models/{profile:path}/unpin",
        method="POST",
        handler=unpin_model,
        group=_GROUP,
        summary="Treat the models behind a functionality like any other again",
        description="Also where the profile file pins them, until the server ends.",
        request=ModelAction,
        is_body_optional=True,
        response=ModelReport,
        parameters=_PARAMETERS,
        errors=_ERRORS,
        example={},
        is_admin=True,
    ),
)
