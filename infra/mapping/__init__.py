"""What people decide about values that are written in more than one way: the audit proposes, a small file keeps."""
