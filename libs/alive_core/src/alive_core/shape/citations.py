"""Citations in the shapes that clients know: one `url_citation` for each source, and our spans beside them."""

from collections.abc import Iterable

from alive_core.adapters import events
from alive_core.schemas.chat import Annotation, Citation, CitedSpan, Grounding
from alive_core.schemas.items import CitedUrl


def chat_annotations(citations: Iterable[events.Citation]) -> list[Annotation]:
    """Chat's form."""
    return [
        Annotation(
            url_citation=Citation(
                start_index=citation.start,
                end_index=citation.end,
                url=document_url(document),
                title=document_title(document),
            )
        )
        for citation in citations
        for document in citation.documents
    ]


def cited_urls(citation: events.Citation, *, offset: int) -> list[CitedUrl]:
    """The form of a response's text that begins at character `offset` of the answer."""
    return [
        CitedUrl(
            start_index=citation.start - offset,
            end_index=citation.end - offset,
            url=document_url(document),
            title=document_title(document),
        )
        for document in citation.documents
    ]


def grounding(citations: Iterable[events.Citation]) -> Grounding:
    """Our own form, with all documents of a span together."""
    return Grounding(
        citations=[
            CitedSpan(
                text=citation.text,
                start_index=citation.start,
                end_index=citation.end,
                document_ids=[document.id for document in citation.documents],
            )
            for citation in citations
        ]
    )


def document_url(document: events.CitedDocument) -> str:
    """A document of the request has no address; the scheme says so, and the id says which it was."""
    return f"document:{document.id}"


def document_title(document: events.CitedDocument) -> str:
    """The document's title, or its id where it has none."""
    return document.title or document.id
