"""What each field of a request is for, in a sentence for people who read the API's document.

By Struct, then by field. A field that several requests share stands once, under `SHARED`.
"""

from collections.abc import Mapping
from typing import Final

_PREDICTABLE: Final = "The same number with the same request asks for the same answer."

SHARED: Final[Mapping[str, str]] = {
    "alive": "Options of this server that OpenAI's API does not have.",
    "frequency_penalty": "Above 0: words that came often become less likely. 0 changes nothing.",
    "logit_bias": "Token ids, and how much likelier (up to 100) or less likely (down to -100) each becomes.",
    "max_tokens": "The answer ends after this many tokens at the latest.",
    "model": "Which functionality shall answer: a name from `/v1/models`.",
    "n": "How many independent answers to give. 1 by default.",
    "presence_penalty": "Above 0: words that came at all become less likely. 0 changes nothing.",
    "seed": _PREDICTABLE,
    "stop": "The answer ends before the first of these texts; they are not part of it.",
    "stream": "`true` sends the answer piece by piece as server-sent events, `false` or nothing sends it whole.",
    "stream_options": "What a stream carries besides the answer. Only together with `stream: true`.",
    "temperature": "0 is the most predictable, higher is more varied.",
    "top_p": "Only the likeliest tokens that together reach this probability are considered.",
    "user": "Your name for the person who asks. Without effect on the answer.",
}

OF_STRUCT: Final[Mapping[str, Mapping[str, str]]] = {
    "ChatRequest": {
        "audio": "How a spoken answer shall sound.",
        "documents": "Sources that the answer may rest on and cite: texts, or objects with a title and an id.",
        "function_call": "Deprecated, use `tool_choice`.",
        "functions": "Deprecated, use `tools`.",
        "logprobs": "`true` reports the log probability of each token of the answer.",
        "max_completion_tokens": "The answer ends after this many tokens at the latest. Newer than `max_tokens`.",
        "messages": "The conversation so far, oldest first. The last message is usually the person's.",
        "metadata": "Up to 16 keys and values of your own.",
        "modalities": "What the answer is made of.",
        "moderation": "Checks that run beside the answer.",
        "parallel_tool_calls": "Whether the model may call several tools at once. `true` by default.",
        "prediction": "Text that the answer will probably repeat, a hint that may make it faster.",
        "prompt_cache_key": "Requests that begin alike and carry the same key are answered faster.",
        "prompt_cache_options": "How the beginnings of prompts are kept.",
        "prompt_cache_retention": "How long the beginnings of prompts are kept.",
        "reasoning_effort": "How much the model thinks before it answers.",
        "response_format": "Plain text, any JSON object, or JSON that satisfies a schema.",
        "safety_identifier": "A stable, anonymous name for the person who asks. Without effect on the answer.",
        "service_tier": "Which class of service answers. This server has one.",
        "store": "Whether to keep the answer for later.",
        "tool_choice": "Whether the model may, must or must not call a tool, or which one.",
        "tools": "Functions that the model may ask you to call.",
        "top_logprobs": "How many alternatives to report for each token. Needs `logprobs: true`.",
        "verbosity": "How long the answer shall be.",
        "web_search_options": "How a web search would run. This server never searches the web.",
    },
    "CompletionRequest": {
        "best_of": "Make this many answers and give back the `n` best.",
        "echo": "`true` repeats the prompt before the answer.",
        "logprobs": "Report the log probability of each token, and this many alternatives.",
        "prompt": "The text to continue, several of them, or the same as token ids; `null` begins a new document.",
        "suffix": "The text that follows the gap which the answer shall fill.",
    },
    "EmbeddingRequest": {
        "dimensions": "The length that the vectors shall have.",
        "encoding_format": "`float` for numbers, `base64` for little-endian 32-bit floats. Numbers by default.",
        "input": "The text, several of them, or the same as token ids.",
    },
    "ResponseRequest": {
        "access_programs": "Programs of OpenAI. None exists here.",
        "background": "Whether to answer later. This server answers at once.",
        "context_management": "How a long conversation would be shortened. A prompt is never cut here.",
        "conversation": "The conversation that this is the next turn of. Not together with `previous_response_id`.",
        "image": "How images would be read.",
        "include": "What else to tell, such as `message.output_text.logprobs`.",
        "input": "What the person says, or items: messages, calls, their outputs, references to stored items.",
        "instructions": "What stands before the conversation, for this response only.",
        "max_output_tokens": "The answer ends after this many tokens at the latest.",
        "max_tool_calls": "How many calls the server's own tools may get. It has none.",
        "metadata": "Up to 16 keys and values of your own, given back with the response.",
        "moderation": "Checks that run beside the answer.",
        "parallel_tool_calls": "Whether the model may call several tools at once. `true` by default.",
        "previous_response_id": "The stored response to go on from.",
        "prompt": "A prompt template that OpenAI stores.",
        "prompt_cache_key": "Requests that begin alike and carry the same key are answered faster.",
        "prompt_cache_options": "How the beginnings of prompts are kept.",
        "prompt_cache_retention": "How long the beginnings of prompts are kept.",
        "reasoning": "How much the model thinks before it answers, and what is told of it.",
        "safety_identifier": "A stable, anonymous name for the person who asks. Without effect on the answer.",
        "service_tier": "Which class of service answers. This server has one.",
        "store": "Whether to keep the response for later. `true` by default.",
        "text": "Plain text, any JSON object, or JSON that satisfies a schema; and how long it shall be.",
        "tool_choice": "Whether the model may, must or must not call a tool, or which one.",
        "tools": "Functions that the model may ask you to call.",
        "top_logprobs": "How many alternatives to report for each token.",
        "truncation": "Whether an input that is too long may be cut. It never is: only `disabled` is accepted.",
    },
    "CreateConversation": {
        "items": "What the conversation begins with, at most 20 items.",
        "metadata": "Up to 16 keys and values of your own.",
    },
    "UpdateConversation": {"metadata": "The new keys and values; `null` takes all of them away."},
    "CreateItems": {"items": "What to append, at most 20 items."},
    "ItemsQuery": {
        "after": "The `id` of the item after which the page begins.",
        "include": "What else to tell.",
        "limit": "How many items a page has at most.",
        "order": "`asc` gives the oldest first, `desc` the newest.",
    },
    "IncludeQuery": {"include": "What else to tell."},
    "RetrieveQuery": {
        "include": "What else to tell.",
        "include_obfuscation": "Not supported: a stored response is given whole.",
        "starting_after": "Not supported: a stored response is given whole.",
        "stream": "Not supported: a stored response is given whole.",
    },
    "RerankRequest": {
        "documents": "What to sort: texts, or objects with a `text`.",
        "max_tokens_per_doc": "Cut each document to this many tokens. This server never cuts a text.",
        "query": "What the documents shall answer.",
        "return_documents": "`true` repeats the text of each document in the answer.",
        "top_n": "How many documents the answer names. All by default.",
    },
    "TokenizeRequest": {
        "prompt": "The text.",
    },
    "DetokenizeRequest": {
        "tokens": "The token ids.",
    },
    "ClassifyRequest": {
        "input": "The text, or several of them.",
        "labels": "The labels to choose from. Without them, those that the model was made for.",
    },
    "ModelAction": {
        "target": "Which of the functionality's targets is meant, where it has several.",
    },
    "LoadRequest": {
        "stream": "`true` tells how far the load is, as server-sent events.",
        "target": "Which of the functionality's targets is meant. The one that serves first, by default.",
    },
    "StreamOptions": {
        "include_obfuscation": "Whether events are padded, against guessing from their length.",
        "include_usage": "`true` adds one last event with the token counts.",
    },
    "AliveOptions": {
        "fingerprint": "The identity of the model you rely on.",
        "lenient": (
            "`true` leaves out fields that are unknown or cannot be honoured, and names them in the answer's header "
            "`x-alive-ignored`. Otherwise they are refused."
        ),
        "load": "Where the model is not in memory: load it, wait for others to load it, or refuse at once.",
        "max_wait_s": "How many seconds the model may take until it begins.",
    },
}


def words_for(struct: str, field: str) -> str | None:
    """The sentence for a field; None where nobody has written one."""
    return OF_STRUCT.get(struct, {}).get(field) or (SHARED.get(field) if struct.endswith("Request") else None)
