"""`/v1/rerank` through the front door, answered by the scripted adapter."""

import httpx

DOCUMENTS = ["a dog in the garden", {"text": "the cat sat on the mat"}, "where is the cat"]


async def rerank(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    body: dict[str, object] = {"model": "rerank", "query": "where cat sat", "documents": DOCUMENTS}
    return await client.post("/v1/rerank", json=body | fields)


async def test_the_most_relevant_document_comes_first(client: httpx.AsyncClient) -> None:
    answer = (await rerank(client)).json()
    assert answer["object"] == "list"
    assert answer["model"] == "rerank"
    assert answer["id"].startswith("rerank-")
    assert [result["index"] for result in answer["results"]] == [1, 2, 0]  # equal scores keep the request's order
    assert [round(result["relevance_score"], 2) for result in answer["results"]] == [0.67, 0.67, 0.0]
    assert "document" not in answer["results"][0]
    assert answer["usage"] == {"prompt_tokens": 24, "total_tokens": 24}


async def test_only_as_many_as_asked_for_with_their_texts(client: httpx.AsyncClient) -> None:
    answer = (await rerank(client, top_n=1, return_documents=True)).json()
    assert answer["results"] == [
        {"index": 1, "relevance_score": 2 / 3, "document": {"text": "the cat sat on the mat"}}
    ]


async def test_more_than_there_are_is_all(client: httpx.AsyncClient) -> None:
    assert len((await rerank(client, top_n=9)).json()["results"]) == 3


async def test_a_document_is_never_cut(client: httpx.AsyncClient) -> None:
    answer = await rerank(client, max_tokens_per_doc=10)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "max_tokens_per_doc"


async def test_no_documents_are_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await rerank(client, documents=[])
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "documents")


async def test_a_failing_engine_is_a_real_error(client: httpx.AsyncClient) -> None:
    answer = await rerank(client, documents=['/fail {"kind": "RateLimited", "message": "Slow down."}'])
    assert (answer.status_code, answer.json()["error"]["message"]) == (429, "Slow down.")


async def test_a_profile_of_another_task_says_where_to_go(client: httpx.AsyncClient) -> None:
    answer = await rerank(client, model="plain")
    assert answer.status_code == 400
    assert "/v1/chat/completions" in answer.json()["error"]["message"]
