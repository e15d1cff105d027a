"""What the pages of signing in ask about the request."""

from ipaddress import ip_address

from django import template
from django.http import HttpRequest

register = template.Library()


@register.filter
def takes_passkeys(request: HttpRequest) -> bool:
    """Tell whether a passkey can work here: browsers bind them to a name, never to a numeric address."""
    host = request.get_host().rpartition(":")[0] if ":" in request.get_host() else request.get_host()
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False
