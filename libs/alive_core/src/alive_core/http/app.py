"""The application: routes inside, middleware around them, errors to bytes at one place."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from alive_core.errors import AliveError
from alive_core.http.context import Context
from alive_core.http.cross_origin import cross_origin
from alive_core.http.documentation import Documentation
from alive_core.http.door import Door
from alive_core.http.endpoint import routes_of
from alive_core.http.failures import LastResort, answer_error, answer_framework_error
from alive_core.http.gauges import Gauges
from alive_core.http.hearing import HearOut
from alive_core.http.middleware import Correlation
from alive_core.http.paths import resources_of
from alive_core.http.routes import ENDPOINTS


def create_app(context: Context) -> Starlette:
    """An ASGI application that serves `context`."""
    app = Starlette(
        routes=routes_of(ENDPOINTS),
        middleware=[
            Middleware(HearOut),
            Middleware(
                Correlation,
                resources=resources_of(each.path for each in ENDPOINTS),
                routes={each.path: each.public_path for each in ENDPOINTS},
                metrics=context.metrics,
                traces=context.traces,
            ),
            *cross_origin(context.settings.cors_origins),
            Middleware(LastResort),
            Middleware(
                Door,
                context=context,
                open_paths=[each.path for each in ENDPOINTS if each.is_open],
                operators_paths=[each.path for each in ENDPOINTS if each.is_admin and each.method == "GET"],
            ),
        ],
        exception_handlers={AliveError: answer_error, HTTPException: answer_framework_error},
    )
    app.router.redirect_slashes = False
    app.state.context = context
    context.metrics.registry.register(Gauges(context))
    app.state.documentation = Documentation(ENDPOINTS, context)
    return app
