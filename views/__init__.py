"""What the page and the command line show and ask, one part a file; app.py and cli.py put them together."""
