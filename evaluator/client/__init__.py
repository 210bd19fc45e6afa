"""Requests out, responses back: transports speak to one endpoint each, a pool to all of them."""
