"""What operators keep: who may call, what was loaded, what was left out, who changed what."""

import uuid
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from waffle.models import AbstractUserFlag


class Tenant(models.Model):
    """An organisation; keys and users belong to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{0,63}$", "a-z, 0-9, '.', '_' and '-'.")],
        help_text="Lower-case letters, digits, '.', '_' and '-'.",
    )
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class User(AbstractUser):
    """Someone who signs in to the console."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, blank=True)


def _read_only() -> list[str]:
    return ["read"]


class ApiKey(models.Model):
    """`prefix.secret`; of the secret only its SHA-256 is kept, so it can be shown only once."""

    prefix = models.CharField(max_length=16, unique=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    name = models.CharField(max_length=200, help_text="Who or what uses it.")
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT)
    scopes = models.JSONField(default=_read_only, help_text='What it allows, as ["read"].')
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty: never.")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"

    def clean(self) -> None:
        words = self.scopes
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValidationError({"scopes": 'A list of words is expected, as ["read"].'})


class Flag(AbstractUserFlag):
    """A feature flag; unlike waffle's own it can reach 100 % and steps of a thousandth."""

    percent = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text="Share of callers for whom it is on, 0 to 100.",
    )

    class Meta(AbstractUserFlag.Meta):
        abstract = False


class Load(models.Model):
    """One file brought in. Its id is what rows and watermarks refer to, and only grows."""

    class State(models.TextChoices):
        RUNNING = "running"
        PUBLISHED = "published"
        UNCHANGED = "unchanged", "Nothing new"
        ABANDONED = "abandoned", "Refused"

    id = models.BigAutoField(primary_key=True)
    feed = models.CharField(max_length=100)
    file = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    began_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True)
    new = models.BigIntegerField(default=0)
    revised = models.BigIntegerField(default=0)
    closed = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    older = models.BigIntegerField(
        default=0, help_text="Rows of which a newer issue was there: they changed nothing."
    )
    quarantined = models.BigIntegerField(default=0)
    flagged = models.BigIntegerField(
        default=0, help_text="Kept although they fail a check the publisher does not guarantee."
    )
    reason = models.TextField(blank=True, help_text="Why it was refused.")
    warnings = models.TextField(blank=True, help_text="What the file as a whole lacks.")
    demo = models.BooleanField(default=False, help_text="Whether its rows are demo data.")
    removed_by = models.BigIntegerField(
        null=True, help_text="The load that took its rows out: demo data, or a retracted load."
    )
    retracts = models.BigIntegerField(
        null=True, help_text="The load whose rows this one took out again."
    )

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["feed", "file", "state"], name="load_by_file")]

    def __str__(self) -> str:
        return f"{self.id} {self.feed} {self.file}"


class LoadedTable(models.Model):
    """A table that a load touches; `published_at` grows strictly within a table."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="tables")
    table = models.CharField(max_length=63)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["load", "table"], name="one_row_a_table")]
        indexes = [models.Index(fields=["table", "published_at"], name="published_by_table")]


class PrunedTable(models.Model):
    """A table of which rows that `load` or an earlier one has replaced are not kept any more.

    `since` is when that load was published: what was known before cannot be asked.
    """

    table = models.CharField(max_length=63, unique=True)
    load = models.BigIntegerField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.table} until {self.load}"


class QuarantinedRow(models.Model):
    """A row that was left out, or flagged, as it stood in the file, with the reason."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="rejected")
    place = models.CharField(max_length=200)
    reason = models.CharField(max_length=100, db_index=True)
    raw = models.TextField()
    flagged = models.BooleanField(
        default=False, help_text="Kept all the same: its publisher does not guarantee the check."
    )

    class Meta:
        ordering = ["-load_id", "id"]
        verbose_name = "quarantined row"

    def __str__(self) -> str:
        return f"{self.load_id} {self.place}: {self.reason}"


class AppendOnly(models.QuerySet[Any]):
    def update(self, **values: Any) -> int:
        raise TypeError("audit events are never changed")

    def delete(self) -> Any:
        raise TypeError("audit events are never deleted")


class AuditEvent(models.Model):
    """Who changed what; events are only ever added."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=50)
    subject_type = models.CharField(max_length=50)
    subject = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("audit events are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("audit events are never deleted")


class CacheCommand(models.Model):
    """Something every server process is to do with its cache; each follows within a second."""

    class Kind(models.TextChoices):
        PURGE = "purge"
        WARM = "warm"

    kind = models.CharField(max_length=5, choices=Kind.choices)
    tag = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.tag}".strip()


class CacheReport(models.Model):
    """What one server process says of its cache, every few seconds while that changes."""

    process = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField()
    namespaces = models.JSONField(default=dict)
    tags = models.JSONField(default=dict)

    class Meta:
        ordering = ["process"]
        verbose_name = "cache"

    def __str__(self) -> str:
        return self.process
