"""What a user would pick instead of us: other programs, run as their pages say, and nothing else.

None of it is imported by azukari.  A program that is not on this machine is *not measured here*.
"""
