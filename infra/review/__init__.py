"""Review of a change: an environment beside prod, what moves in it, and its promotion."""
