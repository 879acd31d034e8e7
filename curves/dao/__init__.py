"""Questions about curves: SQL in, rows out."""
