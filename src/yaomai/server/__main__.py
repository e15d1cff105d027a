"""Lets `python -m yaomai.server` be the `yaomai` command."""

from yaomai.server.cli import main

main()
