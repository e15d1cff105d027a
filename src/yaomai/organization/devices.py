"""What a browser calls itself, as a person would say it. Pure."""

from django.utils.translation import gettext as _

# The first that fits: programs name those they descend from as well.
BROWSERS = (
    ("wxwork", "企业微信"),
    ("micromessenger", "微信"),
    ("dingtalk", "钉钉"),
    ("lark", "飞书"),
    ("edg", "Edge"),
    ("firefox", "Firefox"),
    ("opr/", "Opera"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
)
SYSTEMS = (
    ("harmonyos", "HarmonyOS"),
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Return browser and system of a User-Agent.

    >>> device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1")
    'Safari · iPhone'
    """
    said = user_agent.lower()
    found = [next((name for mark, name in known if mark in said), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name) or _("another program")
