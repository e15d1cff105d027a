"""`python -m yaomai.engine`."""

from yaomai.engine.cli import main

main()
