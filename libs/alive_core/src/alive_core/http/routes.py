"""Every address of the API, one line each."""

from starlette.routing import Route

from alive_core.http.chat import create_chat_completion
from alive_core.http.completions import create_completion
from alive_core.http.embeddings import create_embedding
from alive_core.http.health import live, ready
from alive_core.http.models import list_models, retrieve_model

ROUTES = (
    Route("/v1/chat/completions", create_chat_completion, methods=["POST"]),
    Route("/v1/completions", create_completion, methods=["POST"]),
    Route("/v1/embeddings", create_embedding, methods=["POST"]),
    Route("/v1/models", list_models),
    Route("/v1/models/{model:path}", retrieve_model),
    Route("/health/live", live),
    Route("/health/ready", ready),
)
