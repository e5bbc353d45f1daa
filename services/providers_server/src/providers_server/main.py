"""What providers_server is: a name, a port and its adapters. The rest is the shared library."""

from pathlib import Path

from alive_core import Service
from alive_core.constants import PROVIDERS_PORT
from providers_server import __version__
from providers_server.adapters.onnx_chat import OnnxChatAdapter
from providers_server.adapters.onnx_embed import OnnxEmbedAdapter

SERVICE = Service(
    name="providers_server",
    version=__version__,
    port=PROVIDERS_PORT,
    gpu="never",
    adapters={"onnx-chat": OnnxChatAdapter, "onnx-embed": OnnxEmbedAdapter},
    folder=Path(__file__).parent,
)
