"""The lock on an account after too many wrong passwords, as django-axes keeps it."""

from axes.models import AccessAttempt

from yaomai.organization.models import Person


def lock_name(username: str | None) -> str | None:
    """Return the name under which attempts on an account are counted.

    Sign-in takes a user name in capitals and small letters alike, so the lock must too: else every way to write the
    same name is a lock of its own.
    """
    return username.upper().casefold()[:255] if username else None


def unlock(person: Person) -> None:
    """Forget the wrong passwords of a person."""
    AccessAttempt.objects.filter(username=lock_name(person.username)).delete()
