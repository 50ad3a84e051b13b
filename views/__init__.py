"""What the page shows, one part a file; app.py puts them together."""
