"""Every address of the API, one line each."""

from starlette.routing import Route

from alive_core.http.chat import create_chat_completion
from alive_core.http.completions import create_completion
from alive_core.http.conversations import (
    create_conversation,
    create_items,
    delete_conversation,
    delete_item,
    list_items,
    retrieve_conversation,
    retrieve_item,
    update_conversation,
)
from alive_core.http.embeddings import create_embedding
from alive_core.http.health import live, ready
from alive_core.http.models import list_models, retrieve_model
from alive_core.http.responses import (
    cancel_response,
    create_response,
    delete_response,
    list_input_items,
    retrieve_response,
)

ROUTES = (
    Route("/v1/chat/completions", create_chat_completion, methods=["POST"]),
    Route("/v1/completions", create_completion, methods=["POST"]),
    Route("/v1/embeddings", create_embedding, methods=["POST"]),
    Route("/v1/models", list_models),
    Route("/v1/models/{model:path}", retrieve_model),
    Route("/v1/responses", create_response, methods=["POST"]),
    Route("/v1/responses/{response}", retrieve_response),
    Route("/v1/responses/{response}", delete_response, methods=["DELETE"]),
    Route("/v1/responses/{response}/cancel", cancel_response, methods=["POST"]),
    Route("/v1/responses/{response}/input_items", list_input_items),
    Route("/v1/conversations", create_conversation, methods=["POST"]),
    Route("/v1/conversations/{conversation}", retrieve_conversation),
    Route("/v1/conversations/{conversation}", update_conversation, methods=["POST"]),
    Route("/v1/conversations/{conversation}", delete_conversation, methods=["DELETE"]),
    Route("/v1/conversations/{conversation}/items", list_items),
    Route("/v1/conversations/{conversation}/items", create_items, methods=["POST"]),
    Route("/v1/conversations/{conversation}/items/{item}", retrieve_item),
    Route("/v1/conversations/{conversation}/items/{item}", delete_item, methods=["DELETE"]),
    Route("/health/live", live),
    Route("/health/ready", ready),
)
