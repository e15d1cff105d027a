"""A client that writes through a real service and prints what was acknowledged: python writing.py NAME.

It runs as a process of its own. "sent" is printed before, "done" only after the service has returned, that is after
the commit; whatever happens in between, the oracle knows that the act may or may not have happened, but never twice.
"""

import os
import sys
import time

import django


def main(name: str) -> None:
    """Create persons until killed."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "yaomai.server.settings"
    os.environ["YAOMAI_LOG_LEVEL"] = "CRITICAL"
    django.setup()
    from django.db import Error, close_old_connections
    from django.utils import timezone
    from psycopg_pool import PoolTimeout

    from yaomai.kit.access import acting, system_actor
    from yaomai.kit.errors import DomainError
    from yaomai.organization.services import person_create

    actor = system_actor("assurance", "writes while processes are killed")
    number = 0
    while True:
        number += 1
        username = f"{name}-{number}"
        print("sent", username, flush=True)
        try:
            with acting(actor):
                person_create(actor=actor, now=timezone.now(), username=username, name=username)
        except (Error, PoolTimeout, DomainError):
            # DomainError: Django takes a connection lost while it checks a constraint for a violation of it.
            close_old_connections()
            time.sleep(0.05)
        else:
            print("done", username, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
