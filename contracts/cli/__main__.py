"""`python -m contracts.cli`, where the command `understudy` is not on the PATH."""

from contracts.cli import main

main()
