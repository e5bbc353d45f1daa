"""What can go wrong with model files, as part of the error tree."""

from alive_core.errors import LoadFailed, ModelUnavailable


class SourceUnreachable(ModelUnavailable):
    """Nothing answers where the files should come from."""


class DownloadFailed(ModelUnavailable):
    """The source answered, but the files could not be had."""


class AccessRefused(DownloadFailed):
    """The source wants a licence accepted, or a token."""


class DiskFull(ModelUnavailable):
    """There is no room for the files."""


class ChecksumMismatch(LoadFailed):
    """A file is not what it should be; the message shows both hashes."""

    @classmethod
    def of(cls, name: str, *, expected: str, found: str, then: str) -> "ChecksumMismatch":
        """The error for the file `name`; `then` says what was done or what to do."""
        return cls(f"{name} has the wrong checksum.\n  expected sha256 {expected}\n  found    sha256 {found}\n{then}")
