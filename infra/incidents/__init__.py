"""Incidents: a source that failed or is late, a refresh that stopped; told once, and again when it is over.

    note      a refresh writes down how each source and itself went
    troubles  what is wrong now, from what was written down and the clock
    watch     opens, keeps and ends incidents
    words     what people are told: what, since when, what is still served, what to do
    deliver   by mail and to a webhook, at least once each; a failure waits for the next run

All of it lives in one SQLite file of TOUCHSTONE_HOME, which any process may read at any time.
"""
