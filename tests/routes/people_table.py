"""Who gets which answer on the routes that find people and change several at once."""

from tests.routes.lines import STAFFED, Line

#     owner, admin, member, project admin, project member, external, external project admin
PEOPLE_OF_ORGANIZATION = {
    "ownership_candidates": Line("ynnnnnn"),
    "externals": Line("yynnnnn"),
}
# The page of `member`.
PERSON_PAGE = {"person": Line("yynnnnn")}
PEOPLE_OF_PROJECT = {
    "collaborator_candidates": Line(STAFFED),
}
