"""Train the demo model from scratch on the CPU.

    python -m tools.demo_model.train [--threads 2] [--resume]
    python -m tools.demo_model.train --twin-of build/demo_model/checkpoint.pt --checkpoint build/demo_model/twin.pt

Matrices are trained by Muon, embedding and norms by AdamW. The learning rate falls to zero over the budget: a
number of tokens (the same data in the same order every time) or of minutes (whatever the machine manages). A
checkpoint is written every minute; `--resume` goes on from it, with fresh data. Only a training from scratch makes a
tokenizer: a model that goes on needs the one that it began with. No checkpoint is written over by another training.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch.nn import functional

from tools.demo_model.batches import Batch, batches, citation_drills, drills, rounds
from tools.demo_model.data import COPYING, SHARES
from tools.demo_model.model import Architecture, DemoModel, Shape, as_llama
from tools.demo_model.tokenizer import BUILD_DIRECTORY, TOKENIZER_PATH, write_tokenizer

CHECKPOINT_PATH = BUILD_DIRECTORY / "checkpoint.pt"
SEED = 20261120
TOKENS = 36e6
TOKENS_PER_BATCH = 2048
BATCHES_PER_STEP = 2
MATRIX_RATE = 0.02
VECTOR_RATE = 0.006
WARM_UP_STEPS = 60
TWIN_PEAK = 0.4
LOGITS_ROUNDED_TO = 512
PROGRESS_EVERY = 20
CHECKPOINT_EVERY_S = 60.0


@dataclass
class Progress:
    """What a resumed run has to know. `seconds` is training time without pauses.

    A twin's weights have seen `inherited` tokens already; learning rates reach only `peak` of the usual ones.
    """

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    inherited: int = 0
    peak: float = 1.0


@dataclass(frozen=True)
class Budget:
    """When training is over: after so many `tokens`, or after `minutes` where that is given."""

    tokens: float
    minutes: float | None

    def used(self, progress: Progress) -> float:
        """How much is used up, 0 to 1."""
        if self.minutes is not None:
            return min(1.0, progress.seconds / (self.minutes * 60))
        return min(1.0, progress.tokens / self.tokens)


def learning_rate_factor(step: int, used: float) -> float:
    """Rises over the first steps, then falls to zero with the budget."""
    return min(1.0, (step + 1) / WARM_UP_STEPS) * (1.0 - used)


def loss_of(model: DemoModel, batch: Batch) -> torch.Tensor:
    """Weighted sum of the cross-entropy of tokens that the model has to write; other logits are never computed."""
    hidden = model.hidden(batch.inputs, branches=batch.branches, dtype=torch.bfloat16)
    wanted = written_places(batch.weights)
    logits = model.logits(hidden.flatten(0, 1)[wanted].bfloat16())
    losses = functional.cross_entropy(logits.float(), batch.targets.flatten()[wanted], reduction="none")
    return (losses * batch.weights.flatten()[wanted]).sum()


def written_places(weights: torch.Tensor) -> torch.Tensor:
    """Flat places that count, filled up to a round number by others (few shapes: see `LENGTHS`)."""
    order = torch.argsort((weights.flatten() == 0).to(torch.int8), stable=True)
    count = int((weights > 0).sum())
    return order[: -(-count // LOGITS_ROUNDED_TO) * LOGITS_ROUNDED_TO]


class Trainer:
    """Model, optimisers and progress: everything a checkpoint holds."""

    def __init__(self, shape: Shape, *, threads: int = 1) -> None:
        self.model = DemoModel(shape)
        self.workers = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
        matrices = [p for name, p in self.model.named_parameters() if p.ndim > 1 and not name.startswith("embedding")]
        others = [p for name, p in self.model.named_parameters() if p.ndim == 1 or name.startswith("embedding")]
        self.optimizers: tuple[torch.optim.Optimizer, ...] = (
            *(
                torch.optim.Muon(matrices[part::threads], lr=MATRIX_RATE, weight_decay=0.05, momentum=0.95)
                for part in range(threads)
            ),
            torch.optim.AdamW(others, lr=VECTOR_RATE, betas=(0.9, 0.95), weight_decay=0.0),
        )
        self.rates = (*[MATRIX_RATE] * threads, VECTOR_RATE)
        self.progress = Progress()

    def learn(self, parts: Sequence[Batch], rate_factor: float) -> float:
        """One step on several batches at once. Returns the loss before it."""
        for optimizer, rate in zip(self.optimizers, self.rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * rate_factor
        results = list(self.workers.map(self._slopes, parts))
        written = sum(float(part.weights.sum()) for part in parts)
        for number, parameter in enumerate(self.model.parameters()):
            parameter.grad = sum((slopes[number] for _, slopes in results), torch.zeros(())) / written
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        list(self.workers.map(lambda optimizer: optimizer.step(), self.optimizers))
        self.model.zero_grad(set_to_none=True)
        self.progress.step += 1
        self.progress.tokens += sum(part.inputs.numel() for part in parts)
        return sum(loss for loss, _ in results) / written

    def _slopes(self, part: Batch) -> tuple[float, list[torch.Tensor]]:
        """A batch's summed loss and its gradients.

        Each batch has a thread of its own for the whole step: on a machine that does other things, too, threads that
        wait for each other in every single operation lose most of the time.
        """
        loss = loss_of(self.model, part)
        return loss.item(), list(torch.autograd.grad(loss, list(self.model.parameters())))

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash in between leaves the old one."""
        state = {
            "shape": self.model.shape.as_dict(),
            "weights": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "progress": vars(self.progress),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    @classmethod
    def resumed(cls, path: Path, *, threads: int = 1) -> Trainer:
        """The trainer a checkpoint holds."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        trainer = cls(Shape(**state["shape"]), threads=threads)
        trainer.model.load_state_dict(state["weights"])
        for optimizer, saved in zip(trainer.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        trainer.progress = Progress(**state["progress"])
        return trainer

    @classmethod
    def twin(cls, path: Path, *, threads: int = 1) -> Trainer:
        """A Llama-shaped model that begins with what the Command-R checkpoint has learned."""
        state = torch.load(path, map_location="cpu", weights_only=True)
        shape, weights = as_llama(Shape(**state["shape"]), state["weights"])
        trainer = cls(shape, threads=threads)
        trainer.model.load_state_dict(weights)
        trainer.progress = Progress(inherited=state["progress"]["tokens"], peak=TWIN_PEAK)
        return trainer


def _report(progress: Progress, loss: float, *, used: float) -> None:
    rate = progress.tokens / max(progress.seconds, 1e-9)
    left = timedelta(seconds=progress.seconds * (1 - used) / max(used, 1e-9))
    end = (datetime.now(UTC) + left).strftime("%H:%M:%S")
    print(
        f"step {progress.step:6d}  loss {loss:.4f}  {progress.tokens / 1e6:6.2f} M tokens  {rate:6.0f} tok/s"
        f"  {used:5.1%}  expected end {end} UTC",
        flush=True,
    )


@dataclass(frozen=True)
class Phase:
    """What is trained `until` so many tokens: conversations by `shares`; these shares of the batches are drills."""

    until: float
    shares: Mapping[str, float]
    rounds: float = 0.0
    drills: float = 0.0
    citations: float = 0.0


PHASES = (
    Phase(0.7e6, COPYING, rounds=0.2, drills=0.2, citations=0.1),
    Phase(math.inf, SHARES, drills=0.03, citations=0.06),
)
"""Copying is what everything else needs. A citation's number is one token among many: without drills it was still a
guess after eighteen million tokens.
"""


def curriculum(tokenizer: Tokenizer, *, seed: int, progress: Progress) -> Iterator[Batch]:
    """Batches as the phases want them. The data of each phase, of each resumed run and of a twin are fresh."""
    rng = Random(seed + progress.step + progress.inherited)
    for phase in PHASES:
        if progress.inherited + progress.tokens >= phase.until:
            continue
        fresh, vocabulary = seed + progress.step + progress.inherited, tokenizer.get_vocab_size()
        sources = (
            rounds(seed=fresh, vocabulary=vocabulary, tokens_per_batch=TOKENS_PER_BATCH),
            drills(seed=fresh, vocabulary=vocabulary, tokens_per_batch=TOKENS_PER_BATCH),
            citation_drills(tokenizer, seed=fresh, tokens_per_batch=TOKENS_PER_BATCH),
            batches(tokenizer, seed=fresh, tokens_per_batch=TOKENS_PER_BATCH, shares=phase.shares),
        )
        drilled = (phase.rounds, phase.drills, phase.citations)
        while progress.inherited + progress.tokens < phase.until:
            yield next(rng.choices(sources, weights=(*drilled, 1.0 - sum(drilled)))[0])


def train(trainer: Trainer, source: Iterator[Batch], *, budget: Budget, checkpoint: Path) -> None:
    """Learn until the budget is used up. Writes checkpoints and progress lines."""
    progress = trainer.progress
    saved_at, recent = time.monotonic(), 0.0
    while (used := budget.used(progress)) < 1.0:
        began = time.monotonic()
        parts = list(islice(source, BATCHES_PER_STEP))
        loss = trainer.learn(parts, progress.peak * learning_rate_factor(progress.step, used))
        progress.seconds += time.monotonic() - began
        recent = loss if recent == 0.0 else 0.95 * recent + 0.05 * loss
        if progress.step % PROGRESS_EVERY == 0:
            _report(progress, recent, used=used)
        if time.monotonic() - saved_at > CHECKPOINT_EVERY_S:
            trainer.save(checkpoint)
            saved_at = time.monotonic()
    trainer.save(checkpoint)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=float, default=TOKENS, help="budget in tokens: repeatable")
    parser.add_argument("--minutes", type=float, help="budget in minutes of training, instead of --tokens")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokenizer", type=Path, default=TOKENIZER_PATH)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT_PATH)
    begin = parser.add_mutually_exclusive_group()
    begin.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    begin.add_argument(
        "--twin-of", type=Path, metavar="CHECKPOINT", help="train a Llama that begins with its weights"
    )
    parser.add_argument("--architecture", choices=list(Architecture), default=Architecture.COMMAND_R)
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args()


def _trainer(arguments: argparse.Namespace, *, vocabulary: int) -> Trainer:
    if arguments.resume:
        return Trainer.resumed(arguments.checkpoint, threads=arguments.threads)
    if arguments.twin_of:
        return Trainer.twin(arguments.twin_of, threads=arguments.threads)
    is_llama = arguments.architecture == Architecture.LLAMA
    shape = Shape(architecture=arguments.architecture, vocabulary=vocabulary)
    return Trainer(replace(shape, logit_scale=1.0) if is_llama else shape, threads=arguments.threads)


def _refusal(arguments: argparse.Namespace) -> str | None:
    """Why training cannot begin like this."""
    if arguments.checkpoint.exists() and not arguments.resume:
        return f"{arguments.checkpoint} is there already. Go on from it with --resume, or move it away."
    begins_with = arguments.checkpoint if arguments.resume else arguments.twin_of
    if begins_with is None:
        return None
    missing = next((path for path in (begins_with, arguments.tokenizer) if not path.exists()), None)
    return f"There is no {missing} to go on from." if missing else None


def _run(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    if arguments.resume or arguments.twin_of:
        tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
    else:
        print("Training the tokenizer (about a minute) ...", flush=True)
        tokenizer = write_tokenizer(arguments.tokenizer)
    trainer = _trainer(arguments, vocabulary=tokenizer.get_vocab_size())
    count = sum(parameter.numel() for parameter in trainer.model.parameters())
    print(f"{count:,} parameters, {trainer.model.shape}", flush=True)
    train(
        trainer,
        curriculum(tokenizer, seed=arguments.seed, progress=trainer.progress),
        budget=Budget(arguments.tokens, arguments.minutes),
        checkpoint=arguments.checkpoint,
    )


def main() -> None:
    """Train, or go on training."""
    arguments = _arguments()
    if refusal := _refusal(arguments):
        sys.exit(refusal)
    try:
        _run(arguments)
    except KeyboardInterrupt:
        kept = f"{arguments.checkpoint} is at most a minute old; --resume goes on from it."
        sys.exit(f"Stopped. {kept if arguments.checkpoint.exists() else 'There is nothing to keep yet.'}")


if __name__ == "__main__":
    main()
