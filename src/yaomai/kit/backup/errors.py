"""What can go wrong with a backup, each with the mend. Messages are msgids with placeholders for `params`."""


class BackupError(Exception):
    """A backup or a restore that cannot be done; what was there before is untouched."""

    message = "The backup could not be made."
    mend = ""

    def __init__(self, *, detail: str = "", **params: object) -> None:
        self.params = params
        self.detail = detail
        super().__init__(" ".join(filter(None, (self.message % params, self.mend % params, detail))))


class NotABackup(BackupError):
    message = "%(file)s is not a backup of Yaomai."
    mend = "Choose a file that yaomai backup has written."


class NotAKeyFile(BackupError):
    message = "%(file)s is no key file of a backup."
    mend = "Choose the file that yaomai backup --keys FILE has written; the keys.json of a data folder is not one."


class NothingThere(BackupError):
    message = "The database %(place)s is empty: there is nothing to back up."
    mend = "Check DATABASE_URL and YAOMAI_DATA; a backup of the wrong database helps nobody."


class Damaged(BackupError):
    message = "The backup %(file)s is damaged: %(member)s is not as it was written."
    mend = "Use another copy of it, or an older backup."


class TooNew(BackupError):
    message = "The backup was made by Yaomai %(version)s, which is newer than this one."
    mend = "Install that version or a newer one, then restore."


class DataInTheWay(BackupError):
    message = "%(place)s holds data already."
    mend = "Restore into an empty place, or add --force to replace it; a data folder is kept beside it."


class InUse(BackupError):
    message = "Yaomai runs on %(place)s."
    mend = "Stop it first (Ctrl-C where it runs), then restore."


class KeysMissing(BackupError):
    message = "The keys that belong to this backup are missing; encrypted contact data and the trail need them."
    mend = "Give the key file with --keys FILE, or restore --without-keys if it is lost for good."


class WrongKeys(BackupError):
    message = "The keys in %(file)s belong to another installation."
    mend = "Give the key file that was written with this backup."


class Different(BackupError):
    message = "After restoring, these tables differ from the backup: %(tables)s."
    mend = "Nothing was replaced. Use another copy of the backup and report this."


class ProgramMissing(BackupError):
    message = "The database is PostgreSQL %(version)s; no pg_dump of that version or newer was found."
    mend = "Install it: apt-get install postgresql-client-%(version)s"


class ProgramFailed(BackupError):
    message = "%(program)s failed."
    mend = "Its own words follow."
