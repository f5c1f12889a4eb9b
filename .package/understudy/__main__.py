"""`python -m understudy`, where the command `understudy` is not on the PATH."""

from understudy.contracts.cli import main

main()
