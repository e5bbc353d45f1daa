"""An adapter in a child process: a crash, a hang or an out-of-memory ends the child and nothing else."""
