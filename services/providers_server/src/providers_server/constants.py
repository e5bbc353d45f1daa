"""Limits and sizes of the providers service, each with its unit and the reason for its value."""

from typing import Final

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
