"""A brute-force oracle: what a question should answer, by nested loops over Python rows.

It shares no code with the compiler and speaks no SQL. `world` holds the nouns, `answer` the
loops, `worlds` draws random ones, `bridge` is the only file that knows the engine.
"""
