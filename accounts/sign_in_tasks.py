"""The former place of `accounts.sign_in.tasks`: nodes of the version before still queue tasks by this path.

A queued task is stored with the path of its function. To be removed with the next version.
"""

from accounts.sign_in.tasks import failed_sign_in

__all__ = ["failed_sign_in"]
