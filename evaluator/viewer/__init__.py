"""`evaluator view`: the results below some folders in a browser, read only, served from here."""
