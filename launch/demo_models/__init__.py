"""The embedded models: made once, without a hub, for a first run on any machine."""
