"""From a rerank request to a job."""

from alive_core.adapters.jobs import RerankJob
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.support import RERANK, refuse_unsupported
from alive_core.schemas.rerank import RerankRequest


def prepare_rerank(body: RerankRequest, abilities: Abilities, *, job_id: str) -> RerankJob:
    """Apply the support table. Raises UnsupportedParameter for what cannot be honoured."""
    refuse_unsupported(body, RERANK, abilities)
    documents = (document if isinstance(document, str) else document.text for document in body.documents)
    return RerankJob(job_id, body.query, tuple(documents))
