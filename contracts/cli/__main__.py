"""`python -m understudy.contracts.cli`, the same as `python -m understudy`."""

from understudy.contracts.cli import main

main()
