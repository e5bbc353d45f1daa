"""From a classify request to a job."""

from alive_core.adapters.jobs import ClassifyJob
from alive_core.profiles.abilities import Abilities
from alive_core.profiles.support import CLASSIFY, refuse_unsupported
from alive_core.schemas.classify import ClassifyRequest


def prepare_classify(body: ClassifyRequest, abilities: Abilities, *, job_id: str) -> ClassifyJob:
    """Apply the support table. Raises UnsupportedParameter for what cannot be honoured."""
    refuse_unsupported(body, CLASSIFY, abilities)
    inputs = (body.input,) if isinstance(body.input, str) else tuple(body.input)
    return ClassifyJob(job_id, inputs, labels=tuple(body.labels or ()))
