"""Whether a package index answers at all.

pip asks every index for every package and waits for each. Behind a firewall that drops packets, an
index that cannot be reached would cost hours.
"""

import ssl
import urllib.error
import urllib.request

from ..locale import N_

PATIENCE = 10.0  # seconds


def unreachable(url: str, patience: float = PATIENCE) -> str | None:
    """Why the index does not answer. None if it does; an HTTP error is an answer too."""
    if not url.startswith(("http://", "https://")):
        return None
    try:
        with urllib.request.urlopen(url.rstrip("/") + "/torch/", timeout=patience):
            return None
    except urllib.error.HTTPError as answer:
        answer.close()
        return None
    except urllib.error.URLError as error:
        # pip has certificates of its own, and may trust a server that this Python does not
        return (
            None
            if isinstance(error.reason, ssl.SSLError)
            else N_("no answer ({reason})", reason=error.reason)
        )
    except (OSError, ValueError) as error:
        return N_("no answer ({reason})", reason=error)
