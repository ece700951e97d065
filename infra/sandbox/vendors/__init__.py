"""One file a vendor: its slice of the company in its own shapes, after its public documentation."""
