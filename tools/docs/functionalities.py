"""The table of functionalities, from each service's `profiles.toml` and `catalogue.toml`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

import command_server
import providers_server
from alive_core.http.routes import ENDPOINTS
from alive_core.profiles.profile import Profile, Promises, Target
from providers_server.constants import EMBED_MODEL

SERVICES = (command_server, providers_server)
# Of several addresses for one task, the first: chat also answers at `/v1/responses`.
ADDRESSES = {endpoint.task: endpoint.path for endpoint in reversed(ENDPOINTS) if endpoint.task is not None}


class ProfilesFile(msgspec.Struct, frozen=True):
    """A `profiles.toml`, as far as it is shown."""

    profiles: dict[str, Profile]
    targets: dict[str, Target]


@dataclass(frozen=True)
class Language:
    """The words around the profiles' own; `descriptions` translates those, by their English text."""

    headings: tuple[str, ...]
    tokens: str
    tools: str
    json_schema: str
    dimensions: str
    demo: str
    installed: str
    pull: str
    thousands: str = ","
    descriptions: Mapping[str, str] = field(default_factory=dict)


ENGLISH = Language(
    headings=("`model`", "what it does", "promises", "asked for at", "after installing"),
    tokens="{} tokens",
    tools="tools",
    json_schema="JSON Schema",
    dimensions="{} numbers per vector",
    demo="answers, with the demo model",
    installed="answers",
    pull="needs `./task models:pull -- {}`",
)

PORTUGUESE = Language(
    headings=("`model`", "o que faz", "promete", "endereço", "depois de instalar"),
    tokens="{} tokens",
    tools="ferramentas",
    json_schema="JSON Schema",
    dimensions="{} números por vetor",
    demo="responde, com o modelo de demonstração",
    installed="responde",
    pull="precisa de `./task models:pull -- {}`",
    thousands=".",
    descriptions={
        "Talks with you, remembers the conversation, calls tools.": (
            "Conversa com você, lembra da conversa, chama ferramentas."
        ),
        "Writes, explains and corrects program code.": "Escreve, explica e corrige código de programas.",
        "Works on a task step by step with the tools you give it.": (
            "Trabalha numa tarefa passo a passo, com as ferramentas que você oferece."
        ),
        "Answers from the documents you send and says which of them it used.": (
            "Responde a partir dos documentos que você envia e diz quais deles usou."
        ),
        "Makes a long text short and keeps what matters.": "Encurta um texto longo e guarda o que importa.",
        "Translates between languages and keeps tone and format.": "Traduz entre línguas e mantém o tom e o formato.",
        "Turns text into vectors, for search, clustering and comparison.": (
            "Transforma texto em vetores, para busca, agrupamento e comparação."
        ),
    },
)


def functionality_table(language: Language) -> list[tuple[str, ...]]:
    """Every profile of every service, in the order of the files. Raises KeyError where a translation is missing."""
    rows = []
    for service in SERVICES:
        file = profiles_of(service.__name__)
        for name, profile in file.profiles.items():
            description = language.descriptions[profile.description] if language.descriptions else profile.description
            promises = ", ".join(_promises(profile.promises, language)) or "–"  # noqa: RUF001  (an empty cell)
            address = f"`{service.__name__}`, `{ADDRESSES[profile.task]}`"
            rows.append((f"`{name}`", description, promises, address, _after_installing(file, profile, language)))
    return [language.headings, *rows]


def profiles_of(service: str) -> ProfilesFile:
    """What a service offers."""
    file = {package.__name__: Path(str(package.__file__)) for package in SERVICES}[service].with_name("profiles.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), ProfilesFile)


def _promises(promises: Promises, language: Language) -> Iterator[str]:
    if promises.context is not None:
        yield language.tokens.format(f"{promises.context:,}".replace(",", language.thousands))
    if promises.tools:
        yield language.tools
    if promises.json_schema:
        yield language.json_schema
    if promises.dimensions is not None:
        yield language.dimensions.format(promises.dimensions)


def _after_installing(file: ProfilesFile, profile: Profile, language: Language) -> str:
    """1. Its model is installed by `task install`. 2. The demo stands in. 3. It has to be fetched."""
    targets = [file.targets[name] for name in profile.targets]
    if any(target.model == EMBED_MODEL for target in targets):
        return language.installed
    if any(target.demo for target in targets):
        return language.demo
    return language.pull.format(targets[0].model)
