"""Every port, size and limit of command_server, each with its unit and the reason for its value.

Ports are the core's (`alive_core.constants`), re-exported here so that one look tells where this service listens.
"""

from typing import Final

from alive_core.constants import COMMAND_INSTANCE_PORTS, COMMAND_PORT, KIB, MIB

PORT: Final = COMMAND_PORT
INSTANCE_PORTS: Final = COMMAND_INSTANCE_PORTS

# --- Model files ---------------------------------------------------------------------------------------
ARCHITECTURES: Final = frozenset({"command-r", "cohere2", "cohere2moe"})  # what llama.cpp calls Command-R's family
GGUF_HEADER_LIMIT_BYTES: Final = 128 * MIB  # 256,000 tokens and as many merges take 10 MiB; more is no header
GGUF_STRING_LIMIT_BYTES: Final = 4 * MIB  # the longest value is the chat template: some 30 KiB
GGUF_ENTRIES_LIMIT: Final = 65_536  # metadata entries, and tensors; the largest models have a few thousand
GGUF_NESTING_LIMIT: Final = 4  # arrays of arrays; nothing in use has more than one level
GGUF_READ_BYTES: Final = 1 * MIB  # the header is read in pieces of this size

# --- Engine --------------------------------------------------------------------------------------------
CONTEXT_STEP_TOKENS: Final = 256  # llama.cpp rounds each sequence's window up to a multiple of this
DEFAULT_CONTEXT_TOKENS: Final = 8_192  # where neither the target nor the file says
CPU_BATCH_TOKENS: Final = 64  # prompt tokens per step: a cancel and other streams wait for one; 7 % slower than 256
GPU_BATCH_TOKENS: Final = 2_048  # llama.cpp's own default: a GPU takes this in well under 100 ms
GPU_MICRO_BATCH_TOKENS: Final = 512  # tokens computed at once, as llama.cpp's own default
CONTEXT_CHECKPOINTS: Final = 2  # snapshots of a sliding window per sequence; each of Command R7B's takes 400 MB
PROMPT_CACHE_MIB: Final = 0  # prompts kept beside the sequences' own windows; 0 keeps memory predictable
HTTP_THREADS: Final = 2  # the engine's private socket answers small questions only, such as rendering a prompt
ENGINE_LOG_LEVEL: Final = 1  # llama.cpp's scale: errors only; its higher levels may show prompts
ENGINE_KEY_BYTES: Final = 32  # randomness of the key to the engine's private socket
ENGINE_SOCKET_TIMEOUT_S: Final = 30.0  # for one small question; a busy two-core machine answers in milliseconds
SINGLE_THREAD_BYTES: Final = 128 * MIB  # one core reads so little as fast as two can agree; and two that share their
# cores with others fall to a tenth (measured with 94 MB: 183 tokens per second with one thread, 14 with two)
MAX_OPTION_THREADS: Final = 512  # llama.cpp's own upper bound

# --- Sampling ------------------------------------------------------------------------------------------
DEFAULT_TEMPERATURE: Final = 1.0  # the API's documented default
DEFAULT_TOP_P: Final = 1.0  # the API's documented default
TOP_K: Final = 1_024  # the API knows no top_k; sorting 256,000 candidates per token costs more than it brings
SEED_MODULUS: Final = 0xFFFF_FFFF  # the engine's seeds are 32 bits; this value itself means "random" there
PENALTY_WINDOW_TOKENS: Final = 8_192  # the penalties look back this far; the API speaks of the whole text

# --- Prompts -------------------------------------------------------------------------------------------
MARK_DIGITS: Final = 20  # some 66 bits: as hard to guess as a key, and few enough for a page full of brackets

# --- Grammars ------------------------------------------------------------------------------------------
GRAMMAR_SPACE: Final = r"[ \n]{0,32}"  # space around tool calls, bounded so that a model cannot fill a window with it
GRAMMAR_LIMIT_BYTES: Final = 256 * KIB  # schemas of one request as text; compiling more stalls every stream

# --- Streams -------------------------------------------------------------------------------------------
QUEUE_PROGRESS_S: Final = 5.0  # a job that waits for a sequence tells so this often while the engine works

# --- Grounded answers ----------------------------------------------------------------------------------
CITATION_MARK_CHARS: Final = 256  # between `</co:` and `>`: over fifty documents; longer is text, not withheld
