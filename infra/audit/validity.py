"""What a value must look like to be valid: conditions in SQL on {0}, true for a good value. NULL is not asked."""

RULES = {
    "email": r"REGEXP_FULL_MATCH(TRIM({0}), '[^@\s]+@[^@\s]+\.[^@\s.]{{2,}}')",
    "domain": r"REGEXP_FULL_MATCH(LOWER(TRIM({0})), '(https?://)?[^/@\s]+\.[^/@\s.]{{2,}}(/.*)?')",
    "currency": "REGEXP_FULL_MATCH({0}, '[A-Z]{{3}}')",
    "not_negative": "{0} >= 0",
    "past": "{0} >= TIMESTAMP '1990-01-01' AND {0} <= _loaded_at + INTERVAL 1 DAY",
    "hubspot_source": "LOWER(TRIM({0})) IN (SELECT value FROM audit.channel_rule WHERE field = 'hubspot_source')",
    "lead_source": "LOWER(TRIM({0})) IN (SELECT value FROM audit.channel_rule WHERE field = 'lead_source')",
    "medium": "LOWER(TRIM({0})) IN (SELECT value FROM audit.channel_rule WHERE field = 'medium')",
}
