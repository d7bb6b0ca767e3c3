"""Reading what a model wrote: numbers, final answers and arithmetic claims.

Nothing here evaluates text as code, raises because of what a text says, or takes much longer for a megabyte
of it than for a line.
"""
