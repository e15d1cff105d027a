"""Why a file is not taken, and what to do about it."""

from django.utils.translation import gettext_lazy as _

from yaomai.kit.errors import Conflict, Invalid, Refused

CITATION = "《营销合规手册》S4 证据链保存（K13）"


class TooLarge(Invalid):
    """The file exceeds the bound of the policy."""

    code = "attachment_too_large"
    message = _("The file has %(size)s MB; at most %(limit)s MB are taken. Make a smaller scan, or split it.")


class NotAccepted(Refused):
    """The content is none of the kinds that are taken."""

    code = "attachment_not_accepted"
    message = _("“%(name)s” is none of: JPEG, PNG, WebP, PDF, Word, Excel, PowerPoint. Save it as one of these.")

    def __init__(self, name: str) -> None:
        super().__init__(citations=[CITATION], name=name)


class Executable(NotAccepted):
    """The content could run as a program."""

    code = "attachment_executable"
    message = _("“%(name)s” can run as a program, whatever its name says. It is not taken. Send a picture or a PDF.")


class ActiveContent(NotAccepted):
    """A document holds scripts, macros, or files within."""

    code = "attachment_active"
    message = _("“%(name)s” holds macros, scripts or other files. Print it to PDF and send that.")


class Locked(NotAccepted):
    """A document is protected by a password."""

    code = "attachment_locked"
    message = _("“%(name)s” is protected by a password, so nobody can check it. Save it without one.")


class Broken(NotAccepted):
    """The content begins like a known kind but cannot be read."""

    code = "attachment_broken"
    message = _("“%(name)s” is damaged and cannot be read. Scan or save it again.")


class Known(Invalid):
    """The same file is here already."""

    code = "attachment_known"
    message = _("This very file is attached already: %(where)s.")


class Final(Refused):
    """What it proves has happened: it stays."""

    code = "attachment_final"
    message = _("It proves something that has happened, so it stays. Attach a better one beside it.")

    def __init__(self) -> None:
        super().__init__(citations=[CITATION])


class Closed(Final):
    """It was submitted or approved with the files it has."""

    code = "attachment_closed"
    message = _("It was submitted with the files it has and takes no others.")


class Damaged(Conflict):
    """The stored file is not what was stored."""

    code = "attachment_damaged"
    message = _(
        "The stored file “%(name)s” is not what was uploaded any more. It is not shown. Ask the system administrator"
        " to restore it from a backup."
    )
