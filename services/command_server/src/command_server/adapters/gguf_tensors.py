"""The list of tensors in a GGUF file: what each of them takes, and whether all of it is there."""

from collections.abc import Mapping
from typing import Final

import msgspec

from alive_core import LoadFailed
from command_server.adapters.gguf_cursor import Cursor

DEFAULT_ALIGNMENT: Final = 32
MAX_DIMENSIONS: Final = 4

# Values per block and bytes per block of each tensor type (ggml.h, `ggml_type`; ggml-common.h, the block structs).
# Q8_1 is not among them: it lives only inside computations.
_BLOCKS: Final[Mapping[int, tuple[int, int]]] = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    15: (256, 292),  # Q8_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
    40: (64, 36),  # NVFP4
    41: (128, 18),  # Q1_0
    42: (64, 18),  # Q2_0
}


class Extent(msgspec.Struct, frozen=True):
    """Where a tensor's data lies, from the beginning of all data; no size for a type that the table does not know."""

    name: str
    offset: int
    size: int | None


def read_tensor(cursor: Cursor) -> Extent:
    """One entry of the list. Raises LoadFailed."""
    name = cursor.string()
    start = cursor.position
    dimensions = cursor.u32()
    if dimensions > MAX_DIMENSIONS:
        raise LoadFailed(f"Not a sound GGUF file: byte {start} gives tensor {name!r} {dimensions} dimensions.")
    values = 1
    for _ in range(dimensions):
        values *= cursor.u64()
    kind, offset = cursor.u32(), cursor.u64()
    block = _BLOCKS.get(kind)
    return Extent(name, offset, None if block is None else -(-values // block[0]) * block[1])


def check_extents(extents: list[Extent], *, alignment: object, header_end: int, size: int) -> int:
    """Bytes of all data of a file of `size` bytes. `alignment` is the header's word, so it may be anything.

    Raises LoadFailed where that is no number above zero, or a tensor's data would lie beyond the end of the file.
    """
    if not isinstance(alignment, int) or isinstance(alignment, bool) or alignment <= 0:
        raise LoadFailed(f"Not a sound GGUF file: `general.alignment` is {alignment!r}.")
    begin = -(-header_end // alignment) * alignment
    for extent in extents:
        end = begin + extent.offset + (extent.size or 0)
        if end > size:
            raise LoadFailed(
                f"The GGUF file is cut off: tensor {extent.name!r} ends at byte {end}, "
                f"the file has {size} bytes. Download it again."
            )
    return max(size - begin, 0)
