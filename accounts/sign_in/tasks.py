"""Records failed sign-ins in the worker, so that responses take the same time for unknown addresses."""

import structlog
from django_tasks import task

from accounts.actors import Actor
from accounts.models import User
from accounts.sign_in.services import record_failed_sign_in

log = structlog.get_logger("sign_in")


@task()
def failed_sign_in(user_pk: int, ip: str, request_id: str) -> None:
    """Records a failed sign-in in the user's organizations. Unknown users (0) are only logged."""
    user = User.objects.filter(pk=user_pk).first()
    log.info("sign-in failed", user=user.public_id if user else None, ip=ip, request=request_id)
    if user:
        record_failed_sign_in(actor=Actor.without_account(ip=ip, request_id=request_id), user=user)
