"""The sandbox: one simulated B2B company, served as its source systems would serve it."""
