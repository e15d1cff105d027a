"""Sign-in with WeCom (企业微信): silent inside its app, by QR code elsewhere.

Configured by `YAOMAI_IDENTITY`:

    {"wecom": {"APPS": [{"client_id": "CORP_ID", "secret": "APP_SECRET", "settings": {"agent_id": "1000002"}}]}}

The member's user id is the person's user name or employee number. Members of other companies (who come with an
open id only) are refused.
"""
