"""What can go wrong with backups, as part of the error tree. Only an operator ever meets these."""

from alive_core.errors import AliveError


class BackupFailed(AliveError):
    """A backup could not be made; nothing of it is left."""


class ArchiveDamaged(AliveError):
    """A file is no backup of ours, or no longer what was written."""


class RestoreRefused(AliveError):
    """A backup cannot be put in place as things are; nothing was changed."""
