"""Every port, timeout, size and limit of the core, each with its unit and the reason for its value.

Ports are part of the architecture, so they stand here and never come from the environment.
Times are seconds (`_S`), sizes are bytes (`_BYTES`) unless the name says otherwise.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB
GIB: Final = 1024 * MIB

# --- Ports and addresses -------------------------------------------------------------------------------
# High and near 11434, where people already look for a local model server.
COMMAND_PORT: Final = 11435  # the one address clients use: a single instance, or the balancer
PROVIDERS_PORT: Final = 11436
THIRD_SERVER_PORT: Final = 11437
ECHO_PORT: Final = 11438
SCRIPTED_PORT: Final = 11439
BALANCER_STATS_PORT: Final = 11440
COMMAND_INSTANCE_PORTS: Final = (11441, 11442, 11443, 11444)  # instances 1-4 behind the balancer
NEW_SERVER_FIRST_PORT: Final = 11450
HIGHEST_PORT: Final = 65535

DEFAULT_HOST: Final = "127.0.0.1"  # another address is an explicit choice

# --- Requests ------------------------------------------------------------------------------------------
BODY_LIMIT_BYTES: Final = 32 * MIB  # long contexts as JSON stay far below; more is a mistake or an attack
REQUEST_ID_MAX_CHARS: Final = 128  # a client's own X-Request-ID; longer ones are replaced
DEADLINE_S: Final = 300.0  # one answer from acquire to end, unless the profile says otherwise

# --- Streams -------------------------------------------------------------------------------------------
COMMENT_INTERVAL_S: Final = 10.0  # no stream is silent for longer: proxies and clients cut silent ones
DISCONNECT_GRACE_S: Final = 5.0  # how long a cancelled engine may take to acknowledge

# --- Engines in child processes ------------------------------------------------------------------------
FRAME_LIMIT_BYTES: Final = 256 * MIB  # the largest frame either side accepts: 2,048 vectors of 32,768 floats
FRAME_HEADER_BYTES: Final = 4  # an unsigned little-endian length stands before each frame
CHILD_HELLO_TIMEOUT_S: Final = 20.0  # interpreter start and imports; measured 0.1-0.3 s, slow disks differ
CHILD_CLOSE_TIMEOUT_S: Final = 5.0  # a child asked to end has this long before it is killed
CHILD_STALL_TIMEOUT_S: Final = 120.0  # a load or a job without any progress for this long counts as hung

# --- Model cache ---------------------------------------------------------------------------------------
KEEP_ALIVE_S: Final = 600.0  # an idle model stays this long, unless its target says otherwise
SWEEP_INTERVAL_S: Final = 1.0  # how often idle models are looked at
LOAD_COOLDOWN_S: Final = 10.0  # after a failed load, requests are refused this long instead of retried at once
QUEUE_LIMIT: Final = 256  # requests waiting for one target; more are refused with 429
MEMORY_BUDGET_SHARE: Final = 0.8  # of the machine's memory, where ALIVE_MEMORY_BUDGET does not say
MODEL_OVERHEAD_BYTES: Final = 64 * MIB  # a child's interpreter and buffers, added to a file's size
DEFAULT_PARALLEL: Final = 1  # jobs an engine takes at once, unless its target says otherwise

# --- Server --------------------------------------------------------------------------------------------
DRAIN_TIMEOUT_S: Final = 30.0  # answers in flight may finish this long after SIGTERM
KEEP_ALIVE_CONNECTION_S: Final = 75.0  # an idle HTTP connection is kept this long
BACKLOG: Final = 1024  # connections the kernel queues while the server is busy
READY_MODEL_RETRY_S: Final = 5.0  # `Retry-After` where nothing better is known

# --- Model files ---------------------------------------------------------------------------------------
HUB_URL: Final = "https://huggingface.co"  # files lie at {HUB_URL}/{repo}/resolve/{revision}/{file}
HUB_ANSWER_TIMEOUT_S: Final = 4.0  # a hub that has not answered by then is taken as out of reach
DOWNLOAD_STALL_TIMEOUT_S: Final = 30.0  # a transfer that brings no byte for this long is broken off and resumed
DOWNLOAD_BARREN_ATTEMPTS: Final = 5  # attempts in a row without a single new byte, then it is given up
DOWNLOAD_RETRY_FIRST_S: Final = 0.5  # the first pause between attempts; each further one doubles, with jitter
DOWNLOAD_RETRY_LONGEST_S: Final = 15.0  # a network that is away for longer than this returns to a waiting client
DOWNLOAD_REDIRECTS_MAX: Final = 5  # hubs need one or two; more is a loop
DISK_RESERVE_BYTES: Final = 512 * MIB  # left free beside a download, so that the rest of the machine goes on
HASH_BLOCK_BYTES: Final = 4 * MIB  # read at a time while hashing; larger blocks were no faster
FILE_HEAD_BYTES: Final = 16  # enough of a file to recognise its format
PROGRESS_INTERVAL_S: Final = 0.2  # between two updates of a progress line on a terminal
PROGRESS_PLAIN_STEP: Final = 0.1  # of the whole, between two progress lines in a log
MODEL_SUFFIXES: Final = (
    ".gguf",
    ".onnx",
    ".onnx_data",  # weights beside an ONNX graph
    ".safetensors",
    ".json",
    ".txt",
    ".model",  # SentencePiece vocabularies
    ".bin",  # legacy GGML only, recognised by its magic: a pickled checkpoint is refused
)
