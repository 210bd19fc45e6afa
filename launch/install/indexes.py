"""Whether a package index answers at all.

pip asks every index for every package and waits for each: behind a firewall that swallows
packets, one more index would cost hours.
"""

import ssl
import urllib.error
import urllib.request

PATIENCE = 10.0


def unreachable(url: str, patience: float = PATIENCE) -> str | None:
    """Why nobody answers there; None where anybody does, be it with a refusal."""
    if not url.startswith(("http://", "https://")):
        return None
    try:
        with urllib.request.urlopen(url.rstrip("/") + "/torch/", timeout=patience):
            return None
    except urllib.error.HTTPError as answer:
        answer.close()
        return None
    except urllib.error.URLError as error:
        # pip has certificates of its own: it may trust whom this Python does not
        return None if isinstance(error.reason, ssl.SSLError) else f"no answer ({error.reason})"
    except (OSError, ValueError) as error:
        return f"no answer ({error})"
