"""From an embeddings request to a job."""

from alive_core.adapters.jobs import EmbedJob
from alive_core.prepare.completions import prepare_prompts
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.support import EMBED, refuse_unsupported
from alive_core.schemas.embeddings import EmbeddingRequest


def prepare_embedding(body: EmbeddingRequest, abilities: Abilities, *, job_id: str) -> EmbedJob:
    """Apply the support table. `dimensions` equal to the model's own asks for nothing.

    Raises UnsupportedParameter for what cannot be honoured.
    """
    refuse_unsupported(body, EMBED, abilities)
    asked = None if body.dimensions == abilities.dimensions else body.dimensions
    return EmbedJob(job_id, prepare_prompts(body.input), dimensions=asked)
