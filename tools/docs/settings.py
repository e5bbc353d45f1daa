"""The table of settings: every environment variable that the code reads, with its default."""

from alive_core.constants import MEMORY_BUDGET_SHARE
from alive_core.settings import GpuChoice, LogLevel, Settings, StoreChoice

HEADINGS = ("variable", "default", "what it sets")


def setting_table() -> list[tuple[str, ...]]:
    """The server's own settings first, then where files lie, then keys of others."""
    return [HEADINGS, *((f"`{name}`", default, words) for name, (default, words) in SETTINGS.items())]


def _one_of(choices: object) -> str:
    return ", ".join(f"`{choice}`" for choice in getattr(choices, "__args__", ()))


_DEFAULTS = Settings()

SETTINGS: dict[str, tuple[str, str]] = {
    "ALIVE_HOST": (
        f"`{_DEFAULTS.host}`",
        "The address to serve on; `--host` says it for one start. Any but a loopback address needs a key.",
    ),
    "ALIVE_API_KEYS": (
        "none",
        "Keys that may use the API, separated by commas, beside those of `task keys:add`.",
    ),
    "ALIVE_ADMIN_KEYS": (
        "none",
        "Keys of operators, separated by commas. They may use the API, and see what is for operators.",
    ),
    "ALIVE_MEMORY_BUDGET": (
        f"{MEMORY_BUDGET_SHARE:.0%} of the machine's memory",
        "What the loaded models of one server may take together, such as `8GB` or `512MiB`. In a container with a "
        "memory limit, the share is of that limit.",
    ),
    "ALIVE_GPU": (
        f"`{_DEFAULTS.gpu}`",
        f"Whether engines may use a GPU: {_one_of(GpuChoice)}; `off` is the same as `--cpu`.",
    ),
    "ALIVE_LOG_LEVEL": (f"`{_DEFAULTS.log_level}`", f"How much is logged: {_one_of(LogLevel)}."),
    "ALIVE_STORE": (
        f"`{_DEFAULTS.store}`",
        "Whether responses and conversations are remembered, for 30 days after their last use: "
        f"{_one_of(StoreChoice)}. `task store:clear` forgets all of them.",
    ),
    "ALIVE_OIDC_ISSUER": (
        "none",
        "The OpenID Connect issuer whose tokens are accepted beside keys, exactly as they name it in `iss`. "
        "[access.md](access.md) tells more.",
    ),
    "ALIVE_OIDC_AUDIENCE": ("none", "What a token must be meant for: its `aud`. Needed where there is an issuer."),
    "ALIVE_OIDC_ROLE_CLAIM": (
        f"`{_DEFAULTS.oidc_role_claim}`",
        "The claim that holds the roles of a token's subject; `realm_access.roles` is one within another.",
    ),
    "ALIVE_OIDC_ADMIN_ROLE": (f"`{_DEFAULTS.oidc_admin_role}`", "The word in that claim that makes an operator."),
    "ALIVE_CORS_ORIGINS": (
        "none",
        "Origins of web pages that may ask from a browser, separated by commas, such as `https://app.example.org`; "
        "`*` for any page.",
    ),
    "ALIVE_HOME": (
        "none",
        "One folder for everything: model files in its `cache`, logs and run files in its `state`. The two below "
        "then count for nothing.",
    ),
    "XDG_CACHE_HOME": ("`~/.cache`", "Model files lie in its folder `alive`."),
    "XDG_STATE_HOME": ("`~/.local/state`", "Logs and run files lie in its folder `alive`."),
    "HF_ENDPOINT": ("`https://huggingface.co`", "The model hub, or a mirror of it; gets `HF_TOKEN` too."),
    "HF_TOKEN": ("none", "Your token at the model hub, for models that ask for one."),
    "CUDA_VISIBLE_DEVICES": (
        "all",
        "Which NVIDIA GPUs engines may use, by number. Empty or `-1` hides all of them, as `ALIVE_GPU=off` does.",
    ),
    "HIP_VISIBLE_DEVICES": ("all", "The same for AMD's GPUs."),
    "ROCR_VISIBLE_DEVICES": ("all", "The same for AMD's GPUs, one level lower."),
    "GGML_VK_VISIBLE_DEVICES": ("all", "The same for engines that reach a GPU through Vulkan."),
}
"""Each variable, its default and what it does."""
