"""The second factor of support staff, without which Django admin does not open."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access.decorators import signed_in_page
from accounts.actors import Actor
from accounts.models import User

# In the session of staff who put off adding a second factor.
PUT_OFF = "second_factor_put_off"


def lacks_factor(request: HttpRequest) -> bool:
    """Returns whether the staff user has no second factor, and may not put that off or did not."""
    if settings.STAFF_SECOND_FACTOR_OPTIONAL and PUT_OFF in request.session:
        return False
    return not (isinstance(request.user, User) and request.user.has_second_factor)


@signed_in_page("POST", title="Put off the second factor")
def put_off_factor(request: HttpRequest) -> HttpResponse:
    """Opens Django admin for this session without a second factor, in the demo alone."""
    if not settings.STAFF_SECOND_FACTOR_OPTIONAL or not Actor.of(request).person.is_staff:
        raise PermissionDenied
    request.session[PUT_OFF] = True
    return redirect("admin:index")
