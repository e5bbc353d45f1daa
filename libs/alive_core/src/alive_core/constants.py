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
BODY_DISCARD_LIMIT_BYTES: Final = (
    4 * BODY_LIMIT_BYTES
)  # a body too large is read this far, so that its sender hears why
BODY_DISCARD_TIMEOUT_S: Final = 2.0  # the rest of a body that nobody needs has this long to come before its answer
SCHEMA_LIMIT_BYTES: Final = 256 * KIB  # of JSON schema in a request; OpenAI takes 120,000 characters of names in one
REQUEST_ID_MAX_CHARS: Final = 128  # a client's own X-Request-ID; longer ones are replaced
DEADLINE_S: Final = 300.0  # one answer from acquire to end, unless the profile says otherwise

# --- Leniency ------------------------------------------------------------------------------------------
IGNORED_HEADER_MAX_CHARS: Final = 2048  # of `x-alive-ignored`; proxies refuse answers with 8 KiB of headers
IGNORED_PATH_MAX_CHARS: Final = 256  # of one path in it; a client's field name can be megabytes long

# --- Streams -------------------------------------------------------------------------------------------
COMMENT_INTERVAL_S: Final = 10.0  # no stream is silent for longer: proxies and clients cut silent ones

# --- Engines in child processes ------------------------------------------------------------------------
FRAME_LIMIT_BYTES: Final = 256 * MIB  # the largest frame either side accepts: 2,048 vectors of 32,768 floats
FRAME_HEADER_BYTES: Final = 4  # an unsigned little-endian length stands before each frame
CHILD_HELLO_TIMEOUT_S: Final = 20.0  # interpreter start and imports; measured 0.1-0.3 s, slow disks differ
CHILD_CLOSE_TIMEOUT_S: Final = 5.0  # a child asked to end has this long before it is killed
CHILD_STALL_TIMEOUT_S: Final = 120.0  # a load or a job without any progress for this long counts as hung
LATE_LOOK_S: Final = 0.5  # a timer this late means that the server itself was stopped or starved
CHILD_SETTLE_S: Final = 0.5  # socket, exit status and output of an ended child arrive within ms of each other
CHILD_WINDOW_BYTES: Final = 256 * KIB  # events a job may be ahead of its reader; some 8,000 tokens of text
CHILD_LOADING_GROWTH_BYTES: Final = 1 * MIB  # a loading child that grew by this since the last look is not hung
CHILD_OUTPUT_LINE_BYTES: Final = 4 * KIB  # a longer line of a native library is logged in pieces
CHILD_OUTPUT_LINES_PER_S: Final = 1000  # a chatty load prints hundreds; more is a loop gone wild and is dropped
CHILD_LAST_WORDS: Final = 50  # lines of output kept for the log entry of a crash: a native traceback and some more
LOOP_BEAT_S: Final = 0.25  # how often the event loop shows that it lives; a wake-up costs microseconds
LOOP_BLOCKED_S: Final = 1.0  # an adapter that holds the loop for longer is named; everyone else waits for it
CHILD_OOM_SCORE: Final = 1000  # the highest: the kernel's memory killer takes an engine before any server

# --- Model cache ---------------------------------------------------------------------------------------
KEEP_ALIVE_S: Final = 600.0  # an idle model stays this long, unless its target says otherwise
SWEEP_INTERVAL_S: Final = 1.0  # how often idle models are looked at
LOAD_COOLDOWN_S: Final = 10.0  # after a failed load, requests are refused this long instead of retried at once
CRASHES_FORGIVEN: Final = 2  # in a row: a request that crashes its engine is tried twice, and costs others nothing
CRASH_COOLDOWN_S: Final = 1.0  # after the next crash; each further one in a row doubles it
COOLDOWN_LONGEST_S: Final = 60.0  # however often a model failed, it is tried again after this
SETBACK_QUIET_S: Final = 300.0  # whoever caused no trouble for so long begins anew
QUEUE_LIMIT: Final = 256  # requests waiting for one target, unless it says otherwise; more are refused with 429
QUEUE_TOTAL_LIMIT: Final = 1024  # and for all targets of a server together
PACE_MEMORY: Final = 64  # answers after which older ones count half: how long one takes changes with the hour
OVERTAKE_LIMIT: Final = 32  # requests for loaded models that may go ahead of one that waits for memory
MEMORY_BUDGET_SHARE: Final = 0.8  # of the machine's memory, where ALIVE_MEMORY_BUDGET does not say
GPU_BUDGET_SHARE: Final = 0.9  # of the GPUs' memory; a workstation draws its screen with the rest
MODEL_OVERHEAD_BYTES: Final = 64 * MIB  # a child's interpreter and buffers, added to a file's size
MEMORY_RESERVE_BYTES: Final = 256 * MIB  # of the machine's memory left to others, so that nothing runs out of it
ROOM_AGE_S: Final = 0.1  # the machine's memory is looked at no more often; a look takes about half a millisecond
LEDGER_WAIT_S: Final = 1.0  # how long one instance waits for another that writes the ledger; a write takes < 1 ms
LOAD_BYTES_PER_S: Final = 500 * MIB  # a first load is expected to read so fast: a SATA SSD, the slowest in use
LOAD_START_S: Final = 0.3  # and to take so long before: a child's interpreter and imports, measured 0.1-0.3 s
MIN_LOADED_S: Final = 2.0  # a model just loaded stays this long, so that swapping leaves time for answers
DEFAULT_PARALLEL: Final = 1  # jobs an engine takes at once, unless its target says otherwise

# --- Server --------------------------------------------------------------------------------------------
DRAIN_TIMEOUT_S: Final = 30.0  # answers in flight may finish this long after SIGTERM
DRAIN_LAST_BYTES_S: Final = 2.0  # then connections may take their last bytes this long; idle ones close at once
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
DOWNLOAD_RETRY_AFTER_MAX_S: Final = 300.0  # a server that asks for a longer pause is left alone; a person decides
DOWNLOAD_PARTS: Final = 4  # of one file at a time; more gained nothing and is unkind to who serves it
DOWNLOAD_PART_MIN_BYTES: Final = 16 * MIB  # below, a connection of its own costs more than it gains
DISK_LOOK_BYTES: Final = 64 * MIB  # a running download looks at the free space after so many
DISK_RESERVE_BYTES: Final = 512 * MIB  # left free beside a download, so that the rest of the machine goes on
HASH_BLOCK_BYTES: Final = 4 * MIB  # read at a time while hashing; larger blocks were no faster
PINS_WAIT_S: Final = 5.0  # how long one pull waits for another that writes down what it fetched
OWN_MEMORY_SHARE: Final = 1.25  # of its files, where a user adds a model and does not say what memory it needs
FINGERPRINT_CHARS: Final = 24  # hexadecimal digits of a model's identity: 96 bits, no two models ever share one
IDENTITY_WAIT_S: Final = 5.0  # how long one server waits for another that notes a file's hash
HASH_SHOWN_BYTES: Final = 256 * MIB  # reading a file of less takes under a second, and needs no progress line
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

# --- OpenAI's documented request limits ----------------------------------------------------------------
# Part of the contract, not ours to tune: https://platform.openai.com/docs/api-reference
TEMPERATURE_MAX: Final = 2.0
TEMPERATURE_DEFAULT: Final = 1.0  # what a response reports where neither the request nor the profile says
TOP_P_DEFAULT: Final = 1.0  # likewise
PENALTY_LIMIT: Final = 2.0  # frequency and presence penalties lie between minus and plus this
LOGIT_BIAS_LIMIT: Final = 100.0  # likewise
CHOICES_LIMIT: Final = 128  # `n`
BEST_OF_LIMIT: Final = 20
COMPLETION_CHOICES_LIMIT: Final = 2048  # ours: prompts times `n`; a small body could ask for millions of answers
TOP_LOGPROBS_LIMIT: Final = 20  # chat; completions allow fewer
COMPLETION_LOGPROBS_LIMIT: Final = 5
STOP_SEQUENCES_LIMIT: Final = 4
STOP_SEQUENCE_MAX_CHARS: Final = 1000  # ours: OpenAI names none, and a matcher's memory grows with it
METADATA_PAIRS_LIMIT: Final = 16
METADATA_KEY_MAX_CHARS: Final = 64
METADATA_VALUE_MAX_CHARS: Final = 512
SAFETY_IDENTIFIER_MAX_CHARS: Final = 128
TOOL_NAME_MAX_CHARS: Final = 64  # functions, custom tools and JSON schema formats
# `$` alone also matches before a last newline; the look-ahead forbids that and stays valid in ECMAScript.
TOOL_NAME_PATTERN: Final = r"^[a-zA-Z0-9_-]+$(?!\n)"
FUNCTIONS_LIMIT: Final = 128  # the deprecated `functions`
EMBEDDING_INPUTS_LIMIT: Final = 2048
TOKEN_ID_KEY_PATTERN: Final = r"^(0|[1-9][0-9]{0,17})$"  # ours: a token id as an object's key, far below 2**63
DETOKENIZE_TOKENS_LIMIT: Final = 1_000_000  # far above every context window
RERANK_DOCUMENTS_LIMIT: Final = 1000  # Cohere's: https://docs.cohere.com/reference/rerank
CLASSIFY_INPUTS_LIMIT: Final = 1024  # Jina's, for inputs and for labels: https://api.jina.ai/redoc
SEED_MIN: Final = -(2**63)
SEED_MAX: Final = 2**63 - 1

# --- Answers that keep a schema ------------------------------------------------------------------------
SCHEMA_WEIGHT_LIMIT: Final = 10_000  # subschemas that judge one value; each costs some 10 ns on the server's own loop
SCHEMA_FAULT_MAX_CHARS: Final = 300  # of the reason why a value or a schema is wrong; it may quote what is megabytes
OBFUSCATION_STEP_BYTES: Final = 128  # a delta's JSON is padded to a multiple of this; most have 180 to 250 bytes

# --- Logs and run files --------------------------------------------------------------------------------
LOG_FILE_BYTES: Final = 10 * MIB  # a log file is rotated at this size
LOG_FILES: Final = 10  # and this many are kept
DETACH_TIMEOUT_S: Final = 60.0  # a server in the background has this long to say that it is ready
DOWN_TIMEOUT_S: Final = DRAIN_TIMEOUT_S + 10.0  # `down` waits for the drain, and a little longer
DOWN_POLL_S: Final = 0.1  # how often `down` looks whether a server is gone
LOG_TAIL_LINES: Final = 50  # lines of each log that `logs` begins with
LOG_BATCH_S: Final = 0.02  # lines are gathered this long and written together; a person does not notice it
LOG_PENDING_LINES: Final = (
    20_000  # lines that may wait for a disk or a pipe that takes none, some 10 MB; then they drop
)
LOG_PATH_MAX_CHARS: Final = 256  # of a request's path in its log line; longer ones are mistakes or attacks

# --- Responses and conversations -----------------------------------------------------------------------
ITEMS_PER_REQUEST_LIMIT: Final = 20  # OpenAI's: items one request may add to a conversation
ITEMS_PER_PAGE: Final = 20  # OpenAI's default for lists of items
ITEMS_PER_PAGE_LIMIT: Final = 100  # likewise, the most one may ask for
CHAIN_LIMIT: Final = 10_000  # responses one chain may have; every window ends long before, a loop would not
STORE_RETENTION_S: Final = 30 * 24 * 3600.0  # OpenAI keeps responses for 30 days; here after their last use
STORE_LIMIT_BYTES: Final = 1 * GIB  # everything stored on this machine together; the oldest goes first
STORE_WAIT_S: Final = 10.0  # how long one instance waits for another that is writing

# --- SQLite files --------------------------------------------------------------------------------------
DATABASE_RETRY_S: Final = 0.005  # between two tries to be alone with a new file; the switch takes about 1 ms

# --- Metrics -------------------------------------------------------------------------------------------
# Upper bounds of histogram buckets: few, because each is a series per profile and target.
REQUEST_BUCKETS_S: Final = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0)  # health checks take 1 ms, long answers minutes
ANSWER_BUCKETS_S: Final = (0.05, 0.25, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)  # the last is the deadline
FIRST_TOKEN_BUCKETS_S: Final = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # a person feels each of them
WAIT_BUCKETS_S: Final = (0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0)  # a free place is 0, a load seconds
TELEMETRY_FLUSH_S: Final = 3.0  # at the end, pending traces and error reports have this long to be sent

# --- Routing -------------------------------------------------------------------------------------------
HEDGE_AFTER_S: Final = 2.0  # a target that said nothing for so long gets a rival, unless the profile says otherwise
RETRIES: Final = 2  # further rounds over targets whose failure passes by itself, unless the profile says otherwise
RETRIES_LIMIT: Final = 10  # more only holds the client up
RETRY_FIRST_S: Final = 0.25  # the first pause is chance between 0 and this; the longest doubles with each round
RETRY_LONGEST_S: Final = 30.0  # nobody is held up for longer between two tries: they hear `Retry-After` instead
RETRY_SHARE: Final = 0.1  # retries per request in the long run: an upstream in trouble gets 10 % more, not 200 %
RETRY_RESERVE: Final = 10.0  # retries a quiet profile has in hand, so that a share of few requests is not nothing
BREAKER_FAILURES: Final = 5  # failures within the window that open a target's breaker, if half of all outcomes
BREAKER_WINDOW_S: Final = 30.0  # how long a failure counts
BREAKER_OUTCOMES: Final = 32  # of the latest outcomes a breaker remembers: bounded, and enough for a share
BREAKER_OPEN_S: Final = 10.0  # a target is spared so long before one request may probe it; doubles each time
BREAKER_PROBE_S: Final = 1.0  # what others are told to wait while one request probes a target
BREAKER_OPEN_LONGEST_S: Final = 300.0  # but never for longer, whatever an upstream's `Retry-After` says

# --- Access --------------------------------------------------------------------------------------------
MINUTE_S: Final = 60.0  # the windows in which OpenAI counts requests and tokens
DAY_S: Final = 24 * 3600.0
KEYS_WAIT_S: Final = 2.0  # how long one process waits for another that adds or revokes a key; that takes < 1 ms
USAGE_SLOT_BYTES: Final = 128  # of one key in the file of counts; 80 are used
USAGE_SLOTS: Final = 512  # the file grows by so many keys at a time: 64 KiB
USAGE_WAIT_S: Final = 0.05  # how long for another process in the file of counts, which takes microseconds there
USAGE_RETRY_S: Final = 0.0001  # between two tries to be alone with it
USED_INTERVAL_S: Final = 60.0  # when a key was used last is noted no more often
TOKEN_BYTES: Final = 4  # of a request per token, for the estimate before the answer; English text has about so many
LIMIT_MAX: Final = 10**12  # the largest limit of a key; sums of it stay far below 64 bits
OIDC_TIMEOUT_S: Final = 5.0  # an issuer that does not answer in this time is out of reach
OIDC_ANSWER_BYTES: Final = MIB  # the most an issuer may say; lists of keys take kilobytes
OIDC_REFRESH_S: Final = 3600.0  # its keys are read again after this, so that one that was taken back stops counting
OIDC_RETRY_S: Final = 10.0  # and no more often than this, whatever tokens claim to be signed with
OIDC_LEEWAY_S: Final = 10.0  # clocks of two machines may differ so much
OIDC_TOKENS_KEPT: Final = 4096  # tokens found good that are remembered; checking one takes about 0.1 ms
TOKEN_MAX_CHARS: Final = 16 * KIB  # of a token; longer ones are no tokens
CORS_MAX_AGE_S: Final = 600  # a browser asks again after this; it costs one more round trip

# --- Backups -------------------------------------------------------------------------------------------
ARCHIVE_BLOCK_BYTES: Final = 1 * MIB  # of a backup, read and written at a time
ARCHIVE_LIST_BYTES: Final = 4 * MIB  # the longest list of contents that is read; a hundred files take 20 KiB
BACKUP_FREE_SHARE: Final = 2.0  # free disk a backup wants, of the state's size: the copies, and the archive of them

# --- Operators -----------------------------------------------------------------------------------------
LOAD_EVENT_INTERVAL_S: Final = 0.25  # between two reports of a load that an operator watches
WATCH_INTERVAL_S: Final = 1.0  # between two looks of a table that stays on a terminal
STATUS_TIMEOUT_S: Final = 2.0  # a server of this machine that has not told its state by then is taken as busy
LOAD_SILENCE_S: Final = 3 * COMMENT_INTERVAL_S  # a watched load says something more often than this
UNLOAD_TIMEOUT_S: Final = 2 * CHILD_CLOSE_TIMEOUT_S  # an engine is asked, then killed; after this it is told as it is
UNLOAD_POLL_S: Final = 0.1  # between two looks whether an unloaded model is gone
BAR_CELLS: Final = 10  # of a progress bar
