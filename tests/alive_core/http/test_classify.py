"""`/v1/classify` through the front door, answered by the scripted adapter."""

import httpx


async def classify(client: httpx.AsyncClient, **fields: object) -> httpx.Response:
    return await client.post("/v1/classify", json={"model": "classify", "input": "what a bad day"} | fields)


async def test_the_best_label_comes_first(client: httpx.AsyncClient) -> None:
    answer = (await classify(client)).json()
    assert answer["data"] == [
        {
            "object": "classification",
            "index": 0,
            "prediction": "bad",
            "score": 1.0,
            "predictions": [{"label": "bad", "score": 1.0}, {"label": "good", "score": 0.0}],
        }
    ]
    assert answer["usage"] == {"prompt_tokens": 4, "total_tokens": 4}
    assert answer["id"].startswith("classify-")


async def test_labels_of_the_request_are_taken(client: httpx.AsyncClient) -> None:
    answer = (await classify(client, input=["red sky", "blue sea"], labels=["red", "blue"])).json()
    assert [item["prediction"] for item in answer["data"]] == ["red", "blue"]


async def test_an_empty_input_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await classify(client, input="")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "input")


async def test_the_support_table_lists_the_fields(client: httpx.AsyncClient) -> None:
    model = (await client.get("/v1/models/classify")).json()
    assert model["alive"]["support"] == {
        "input": "honoured",
        "model": "honoured",
        "labels": "honoured",
        "alive": "honoured",
    }
