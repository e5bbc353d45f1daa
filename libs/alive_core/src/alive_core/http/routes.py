"""Every address of the API: the routes and the document at `/openapi.json` are both made from this list."""

from alive_core.errors import InvalidAnswer, ModelNotFound, ModelUnavailable
from alive_core.http.chat import create_chat_completion
from alive_core.http.classify import create_classification
from alive_core.http.completions import create_completion
from alive_core.http.conversation_routes import CONVERSATION_ENDPOINTS
from alive_core.http.documentation import get_openapi, show_docs
from alive_core.http.embeddings import create_embedding
from alive_core.http.endpoint import WORK_ERRORS, Endpoint
from alive_core.http.health import live, ready
from alive_core.http.metrics import show_metrics
from alive_core.http.models import list_models, retrieve_model
from alive_core.http.rerank import create_rerank
from alive_core.http.response_routes import RESPONSE_ENDPOINTS
from alive_core.http.status_routes import STATUS_ENDPOINTS
from alive_core.http.tokens import detokenize, tokenize
from alive_core.schemas.chat import ChatCompletion, ChatCompletionChunk, ChatRequest
from alive_core.schemas.classify import ClassifyRequest, ClassifyResponse
from alive_core.schemas.completions import Completion, CompletionRequest
from alive_core.schemas.embeddings import CreateEmbeddingResponse, EmbeddingRequest
from alive_core.schemas.health import Liveness, Readiness
from alive_core.schemas.models import Model, ModelList
from alive_core.schemas.rerank import RerankRequest, RerankResponse
from alive_core.schemas.tokens import DetokenizeRequest, DetokenizeResponse, TokenizeRequest, TokenizeResponse

ENDPOINTS = (
    Endpoint(
        path="/v1/chat/completions",
        method="POST",
        handler=create_chat_completion,
        group="Chat",
        summary="Continue a conversation",
        description=(
            "Send the conversation so far, get the next message. With `stream: true` it comes piece by piece as "
            "server-sent events, which end with `data: [DONE]`."
        ),
        task="chat",
        request=ChatRequest,
        response=ChatCompletion,
        stream=ChatCompletionChunk,
        errors=(*WORK_ERRORS, InvalidAnswer),
        client="chat.completions.create",
    ),
    Endpoint(
        path="/v1/completions",
        method="POST",
        handler=create_completion,
        group="Completions",
        summary="Continue raw text",
        description=(
            "The older interface: no messages and no roles, just a text to go on with. With `stream: true` the "
            "answer comes as server-sent events."
        ),
        task="complete",
        request=CompletionRequest,
        response=Completion,
        stream=Completion,
        errors=WORK_ERRORS,
        client="completions.create",
    ),
    Endpoint(
        path="/v1/embeddings",
        method="POST",
        handler=create_embedding,
        group="Embeddings",
        summary="Turn texts into vectors",
        description="Texts that mean similar things get vectors that point in similar directions.",
        task="embed",
        request=EmbeddingRequest,
        response=CreateEmbeddingResponse,
        errors=WORK_ERRORS,
        client="embeddings.create",
    ),
    Endpoint(
        path="/v1/rerank",
        method="POST",
        handler=create_rerank,
        group="Extensions",
        summary="Sort documents by how well they answer a query",
        description="Not part of OpenAI's API; the request and the answer have the shape of Cohere's and Jina's.",
        task="rerank",
        request=RerankRequest,
        response=RerankResponse,
        errors=WORK_ERRORS,
    ),
    Endpoint(
        path="/v1/classify",
        method="POST",
        handler=create_classification,
        group="Extensions",
        summary="Tell which labels fit a text",
        description="Not part of OpenAI's API; the request and the answer have the shape of Jina's.",
        task="classify",
        request=ClassifyRequest,
        response=ClassifyResponse,
        errors=WORK_ERRORS,
    ),
    Endpoint(
        path="/tokenize",
        method="POST",
        handler=tokenize,
        group="Tokens",
        summary="Cut a text into tokens",
        description="As the model sees it. Nothing is added: no special tokens and no chat template.",
        task="tokenize",
        request=TokenizeRequest,
        response=TokenizeResponse,
        errors=WORK_ERRORS,
    ),
    Endpoint(
        path="/detokenize",
        method="POST",
        handler=detokenize,
        group="Tokens",
        summary="Put tokens together to a text",
        task="detokenize",
        request=DetokenizeRequest,
        response=DetokenizeResponse,
        errors=WORK_ERRORS,
    ),
    Endpoint(
        path="/v1/models",
        handler=list_models,
        group="Models",
        summary="List what is served",
        description=(
            "What the API calls a model is a functionality of this server. Answered from memory, whatever is loading."
        ),
        response=ModelList,
        client="models.list",
    ),
    Endpoint(
        path="/v1/models/{model:path}",
        handler=retrieve_model,
        group="Models",
        summary="Describe one functionality",
        description="Its state, its context window, and for each field of a request whether it is honoured.",
        response=Model,
        parameters={"model": "A name from the list of models."},
        errors=(ModelNotFound,),
        client="models.retrieve",
    ),
    *RESPONSE_ENDPOINTS,
    *CONVERSATION_ENDPOINTS,
    *STATUS_ENDPOINTS,
    Endpoint(
        path="/health/live",
        handler=live,
        group="Operation",
        summary="Whether the process answers",
        response=Liveness,
        is_open=True,
    ),
    Endpoint(
        path="/health/ready",
        handler=ready,
        group="Operation",
        summary="Whether the default functionality can be served",
        description="Now, or by loading its model first. Otherwise 503 says why not.",
        response=Readiness,
        errors=(ModelUnavailable,),
        is_open=True,
    ),
    Endpoint(
        path="/metrics",
        handler=show_metrics,
        group="Operation",
        summary="What the server counts and measures, for Prometheus",
        description="In Prometheus' text format, or OpenMetrics where that is asked for.",
        media="text/plain",
        is_admin=True,
    ),
    Endpoint(
        path="/openapi.json",
        handler=get_openapi,
        group="Operation",
        summary="This description of the API, for programs",
        response=dict,
        is_open=True,
    ),
    Endpoint(
        path="/docs",
        handler=show_docs,
        group="Operation",
        summary="This description of the API, for people",
        media="text/html",
        is_open=True,
    ),
)
