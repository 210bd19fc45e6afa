"""One run by several processes: each asks with its own event loop, connections and journal.

The parent plans, hands out the samples, shows the dashboard and writes all other files. Work is
handed out as it is asked for, and not split beforehand: a client with slow replies holds up nobody,
no client reads the data, --precision ends as it does with one client, and what a killed client had
goes to the one that takes its place.
"""
