"""Which reader an answer needs."""

from alive_core.adapters.jobs import ChatJob
from alive_core.dialects.citations import CitationReader
from alive_core.dialects.grounded_turn import GroundedTurnReader
from alive_core.dialects.markup import COMMAND_R, Markup, Segment
from alive_core.dialects.turn import TurnReader

AnswerReader = TurnReader | GroundedTurnReader


def answer_reader(
    job: ChatJob, index: int = 0, *, segment: Segment = "outside", markup: Markup = COMMAND_R
) -> AnswerReader:
    """What reads choice `index` of the answer to `job`; `segment` is where the prompt already left the model.

    Only where tools were offered there are calls, and only where documents were given there are citations.
    """
    can_act = bool(job.tools) and job.tool_choice != "none"
    turn = TurnReader(index, segment=segment, can_act=can_act, markup=markup)
    return GroundedTurnReader(turn, CitationReader(job.documents, index=index)) if job.documents else turn
