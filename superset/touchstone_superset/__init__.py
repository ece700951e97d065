"""What runs inside Superset's environment: the generator of assets, attachments, work-rounds."""
