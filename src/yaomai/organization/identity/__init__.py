"""Company identities that django-allauth has no provider for."""
