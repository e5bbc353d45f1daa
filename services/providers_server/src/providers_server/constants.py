"""Limits and sizes of the providers service, each with its unit and the reason for its value."""

from typing import Final

from alive_core.constants import MIB

# --- Embeddings on the CPU -----------------------------------------------------------------------------
EMBED_BATCH_ROWS: Final = 8  # texts computed together; larger batches were slower on CPU, unsorted ones by a third
EMBED_BATCH_TOKENS: Final = 256  # padded tokens of one batch: 15 MB of buffers; 512 took 30 MB and was no faster
EMBED_SLICE_INPUTS: Final = 512  # texts tokenised at a time: a sign of life, and a place to cancel, between slices
EMBED_VECTORS_PER_EVENT: Final = 2048  # OpenAI's largest request in one event; 3 MB of 384 dimensions
EMBED_THREADS_MAX: Final = 4  # of one model; batches this small gain nothing from more cores
EMBED_NORM_FLOOR: Final = 1e-12  # the shortest length divided by, as in torch.nn.functional.normalize
FLOAT32_BYTES: Final = 4  # of one number of a vector

# --- Getting the embedding model -----------------------------------------------------------------------
EMBED_MODEL: Final = "all-minilm-l6-v2"  # the entry of the catalogue that `task install` fetches

# --- Chat on the CPU -----------------------------------------------------------------------------------
CHAT_PROMPT_CHUNK_TOKENS: Final = 64  # of a prompt per step: a cancel and other answers wait for one
CHAT_STATE_COPIES: Final = 16  # widths of state that one token of a step takes, with those of the wide middle layer
CHAT_SINGLE_THREAD_BYTES: Final = 128 * MIB  # of weights: one core reads so little as fast as two can agree
CHAT_FAULTS_KEPT: Final = 256  # verdicts on schemas that are remembered: agents send the same tools with every turn
CHAT_TOP_K: Final = 1_024  # the API knows no top_k; sorting a whole vocabulary per token costs more than it brings
CHAT_LOWEST_TOP_P: Final = 1e-6  # the engine knows no 0; this little leaves the likeliest token alone as well
CHAT_SEEDS: Final = 2**31  # the engine's seeds are whole numbers below this
CHAT_SEED_STEP: Final = 7_919  # keeps the seeds of one request's choices apart
DEFAULT_TEMPERATURE: Final = 1.0  # the API's documented default
DEFAULT_TOP_P: Final = 1.0  # the API's documented default
QUEUE_PROGRESS_S: Final = 5.0  # an answer that waits for its turn tells so this often while the engine works
HANDOVER_S: Final = 0.02  # the longest that the engine waits after a step until its answer has been passed on
