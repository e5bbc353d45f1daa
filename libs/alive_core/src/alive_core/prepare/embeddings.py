"""From an embeddings request to a job."""

import msgspec

from alive_core.adapters.jobs import EmbedJob
from alive_core.prepare.completions import prepare_prompts
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.support import EMBED, refuse_unsupported
from alive_core.schemas.embeddings import EmbeddingRequest


def prepare_embedding(body: EmbeddingRequest, abilities: Abilities, *, job_id: str) -> EmbedJob:
    """Apply the support table. `dimensions` equal to the model's own asks for nothing.

    Raises UnsupportedParameter for what cannot be honoured.
    """
    asked = None if body.dimensions == abilities.dimensions else body.dimensions
    if asked is None:
        body = msgspec.structs.replace(body, dimensions=None)
    refuse_unsupported(body, EMBED, abilities)
    return EmbedJob(job_id, prepare_prompts(body.input), dimensions=asked)
