"""``python -m boundcalc``: the command line."""

from boundcalc.cli.app import main

main()
