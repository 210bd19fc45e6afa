"""Reads calls of tools in a reply, in whichever form they were written."""
