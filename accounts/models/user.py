"""User accounts."""

import unicodedata
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.email_addresses import normalize_email
from accounts.enums import SECOND_FACTORS, FactorType
from accounts.fields import AddressField, NameField, PublicIdField, random_text
from accounts.searching import Searchable, SearchTextField
from accounts.web.avatars import compute_hue, compute_initials


class UserManager(BaseUserManager["User"]):
    """Creates users with a normalized email address, as the unique index expects."""

    def create_user(self, email: str, password: str | None, **fields: Any) -> "User":
        user = self.model(email=normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        """Creates support staff, who have no organization and work in Django admin."""
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        return user

    def belonging_to(self, organization: models.Model) -> models.QuerySet["User"]:
        """Returns the organization's members and the collaborators of its projects."""
        is_member = Q(memberships__organization=organization)
        is_listed = Q(collaborations__project__organization=organization)
        return self.filter(is_member | is_listed).distinct()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=normalize_email(username or ""))


class User(Searchable, AbstractBaseUser, PermissionsMixin):
    """A user account. Every user but staff always has a home organization."""

    public_id = PublicIdField("user")
    email = AddressField(
        "email address",
        unique=True,
        error_messages={"unique": "This email address is already in use."},
    )
    name = NameField()
    search_text = SearchTextField("name", "email")
    home_organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, null=True, related_name="home_users"
    )
    is_staff = models.BooleanField("support staff", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    # Null if it was never changed, or before this was stored.
    password_changed_at = models.DateTimeField(null=True, editable=False)
    # When all sessions (but the one in use) were last ended, or would have been.
    sessions_ended_at = models.DateTimeField(null=True, editable=False)

    objects = UserManager()

    # Reverse relations of django-allauth, which has no types.
    emailaddress_set: Any
    authenticator_set: Any

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(is_staff=True) | Q(home_organization__isnull=False),
                name="user_home_organization_present",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def initials(self) -> str:
        return compute_initials(self.name or self.email)

    @property
    def hue(self) -> int:
        """The color of the avatar, from 0 to 7."""
        return compute_hue(self.public_id)

    @property
    def has_passkey(self) -> bool:
        return bool(self.authenticator_set.filter(type=FactorType.PASSKEY).exists())

    @property
    def second_factors(self) -> models.QuerySet[Any]:
        """The user's passkeys and authenticator app. Recovery codes are not a second factor."""
        factors: models.QuerySet[Any] = self.authenticator_set.filter(type__in=SECOND_FACTORS)
        return factors

    @property
    def has_second_factor(self) -> bool:
        return self.second_factors.exists()

    def set_password(self, raw_password: str | None) -> None:
        """Stores the password in NFC: keyboards differ in how they write the same letters."""
        super().set_password(raw_password and unicodedata.normalize("NFC", raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        """Returns whether the password is right, in whichever Unicode form it was stored."""
        text = raw_password or ""
        spellings = dict.fromkeys([unicodedata.normalize("NFC", text), text])
        return any(super(User, self).check_password(spelling) for spelling in spellings)

    @property
    def sign_in_mark(self) -> list[Any]:
        """What a sign-in in progress depends on, for JSON: changes with the password, and as sessions end."""
        return [self.pk, self.get_session_auth_hash(), str(self.sessions_ended_at or "")]

    def end_sessions(self, *, except_pk: int = 0) -> int:
        """Ends all sessions but the one with that primary key, and returns how many had a row.

        So do sign-ins that wait for a second factor. Call it with the user locked.
        """
        self.sessions_ended_at = timezone.now()
        self.save(update_fields=["sessions_ended_at"])
        return self.sessions.exclude(pk=except_pk).end()

    def anonymise(self) -> None:
        """Erases the personal data of a deleted account; audit events keep its id and their own labels."""
        self.email = f"deleted-{random_text(20).lower()}@deleted.invalid"
        self.name = "Deleted user"
        self.is_active = False
        self.deleted_at = timezone.now()
        self.set_unusable_password()  # ends the sessions too
        self.save(update_fields=["email", "name", "is_active", "deleted_at", "password"])
        self.emailaddress_set.all().delete()
        self.muted_notifications.all().delete()
        self.authenticator_set.all().delete()
        self.trusted_browsers.all().delete()
        self.factor_resets.forget()
        self.end_sessions()

    def proves(self, email: str) -> bool:
        """Returns whether the user has verified `email`."""
        return bool(
            self.emailaddress_set.filter(email=normalize_email(email), verified=True).exists()
        )
