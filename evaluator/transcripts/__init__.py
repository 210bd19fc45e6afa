"""samples.jsonl: what each sample was asked, what was said, and what it was worth, for people.

A line a sample, in the order in which they ended, that needs neither data set nor journal. Words
that many prompts begin with are a line of their own, before the first sample that refers to it:

{"benchmark": "b", "head": "5d41402a", "text": "..."}       or, of whole messages, "messages": [...]
{"benchmark": "b", "id": "1", ..., "exchanges": [{"messages": [{"role": "user",
    "content": {"head": "5d41402a", "text": "the rest"}}], "reply": "..."}]}

`after` N in an exchange: its messages go on from those of the sample's exchange N.
"""

NAME = "samples.jsonl"
