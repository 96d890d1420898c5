"""The experiments, a file each: what is asked, of which arms, at which scales, and why the settings are what they are.

Nothing here runs anything. A new file is entered in `registry.MODULES`.
"""
