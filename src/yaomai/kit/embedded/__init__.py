"""The built-in PostgreSQL: a real server that runs as a child process from a data folder, without installation."""

from .binaries import installation, major_version, program
from .errors import (
    BinariesMissing,
    DiskFull,
    EmbeddedError,
    FolderInUse,
    FolderNotWritable,
    NoUnprivilegedUser,
    NoUserName,
    TooSlow,
    UnsafeSocketFolder,
    WrongOwner,
    WrongVersion,
)
from .folder import is_full
from .processes import bound_to, die_with_parent
from .server import ADMINISTRATOR, DATABASE, ROLE, EmbeddedPostgres, connection_parameters, settings_for

__all__ = [
    "ADMINISTRATOR",
    "DATABASE",
    "ROLE",
    "BinariesMissing",
    "DiskFull",
    "EmbeddedError",
    "EmbeddedPostgres",
    "FolderInUse",
    "FolderNotWritable",
    "NoUnprivilegedUser",
    "NoUserName",
    "TooSlow",
    "UnsafeSocketFolder",
    "WrongOwner",
    "WrongVersion",
    "bound_to",
    "connection_parameters",
    "die_with_parent",
    "installation",
    "is_full",
    "major_version",
    "program",
    "settings_for",
]
