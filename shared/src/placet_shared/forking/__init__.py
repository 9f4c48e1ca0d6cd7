"""Processes that are forked from one that has imported what they need: `serving` is the fork server's side, `asking` the other.

`placet up` starts its programs so, and a verification worker the children that run models.
"""
