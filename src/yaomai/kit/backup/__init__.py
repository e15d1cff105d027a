"""Backup to a single file, and restore with proof: every table's hash is compared before anything is replaced."""

from .archive import Manifest, Reader
from .contents import Table, differences, sequences, sequences_behind, tables
from .errors import (
    BackupError,
    Damaged,
    DataInTheWay,
    Different,
    InUse,
    KeysMissing,
    NotABackup,
    NotAKeyFile,
    ProgramFailed,
    ProgramMissing,
    TooNew,
    WrongKeys,
)
from .making import make, write_keys
from .restoring import Restored, restore_database, restore_folder

__all__ = [
    "BackupError",
    "Damaged",
    "DataInTheWay",
    "Different",
    "InUse",
    "KeysMissing",
    "Manifest",
    "NotABackup",
    "NotAKeyFile",
    "ProgramFailed",
    "ProgramMissing",
    "Reader",
    "Restored",
    "Table",
    "TooNew",
    "WrongKeys",
    "differences",
    "make",
    "restore_database",
    "restore_folder",
    "sequences",
    "sequences_behind",
    "tables",
    "write_keys",
]
