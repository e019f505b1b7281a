"""What clients do that the protocol does not have, and the server lives with: by the client's name, with the reason."""
import re

# Pairs of a name and what is found, each as a pattern, and why.
TOLERATED = [
]


def tolerated(name, fault):
    """Why a fault of a client is none of ours; None if nobody knows it."""
    return next((reason for who, what, reason in TOLERATED if re.fullmatch(who, name) and re.search(what, fault)), None)
