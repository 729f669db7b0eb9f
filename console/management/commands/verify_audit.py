"""Verifies the audit log: that no event was changed, removed or inserted since it was written.

Each event's hash covers the one before it under PEPPER. Prints every problem and the head of each
chain; exit status 1 when there is a problem. Heads kept elsewhere show an audit log cut off at its end.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.log import find_problems
from accounts.models import AuditChain, Organization


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
                raise CommandError(f"--organization: there is no organization {organization}.")
        else:
            for lost in Organization.objects.filter(audit_chain__isnull=True):
                problem_count += 1
                self.stdout.write(f"{lost.slug}: has no audit log at all")
        for chain in chains:
            name = chain.organization.slug if chain.organization else "(no organization)"
            for problem in find_problems(chain):
                problem_count += 1
                self.stdout.write(f"{name}: {problem}")
            self.stdout.write(f"{name}: {chain.length} events, head {chain.head}")
        if problem_count:
            raise CommandError(f"The audit log is not whole: {problem_count} problems.")
