"""Verifies that no event of the audit log was changed, removed or inserted.

Prints every problem and the head of each chain. The exit status is 1 if there is a problem. Compare the
heads with those from an earlier run to find an audit log whose last events were removed.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.log import find_problems
from accounts.models import AuditChain, Organization
from accounts.web.formatting import format_count


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--organization", metavar="SLUG", help="verify this organization's audit log only"
        )

    def handle(self, *args: Any, organization: str | None, **options: Any) -> None:
        chains = AuditChain.objects.select_related("organization").order_by("pk")
        problem_count = 0
        if organization:
            chains = chains.filter(organization__slug=organization)
            if not chains:
                raise CommandError(f"There is no organization with the slug {organization}.")
        else:
            for lost in Organization.objects.filter(audit_chain__isnull=True):
                problem_count += 1
                self.stdout.write(f"{lost.slug}: has no audit log")
        for chain in chains:
            name = chain.organization.slug if chain.organization else "(no organization)"
            for problem in find_problems(chain):
                problem_count += 1
                self.stdout.write(f"{name}: {problem}")
            self.stdout.write(f"{name}: {format_count(chain.length, 'event')}, head {chain.head}")
        if problem_count:
            raise CommandError(f"The audit log has {format_count(problem_count, 'problem')}.")
