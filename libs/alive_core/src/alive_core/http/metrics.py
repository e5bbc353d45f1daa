"""`GET /metrics`, for Prometheus."""

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response

from alive_core.http.context import context_of


async def show_metrics(request: Request) -> Response:
    """Every figure as it is now, in the form that whoever asks can read."""
    encode, media = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(context_of(request).metrics.registry), media_type=media)
