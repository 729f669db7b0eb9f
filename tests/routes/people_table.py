"""Who gets which answer on the routes that find people and change several at once."""

from tests.routes.lines import MANAGERS, STAFFED, Line

#     owner, admin, member, project admin, project member, external, external project admin
PEOPLE_OF_ORGANIZATION = {
    "ownership_candidates": Line("ynnnnnn"),
    "externals": Line("yynnnnn"),
    # Nobody is selected; see tests/accounts/members/test_several.py.
    "members_role": Line("yynnnnn", "yynnnnn", done=422),
    "members_remove": Line("yynnnnn", "yynnnnn", done=422),
}
# Their first step shows what a second one will do; see their own tests.
PREVIEWS = {"members_invite_file", "collaborators_add_file"}
# The page of `member`.
PERSON_PAGE = {"person": Line("yynnnnn")}
PEOPLE_OF_PROJECT = {
    "collaborator_candidates": Line(STAFFED),
    # Only a preview; see tests/projects/collaborators/test_adding_from_csv.py.
    "collaborators_add_file": Line(
        MANAGERS, MANAGERS, {"people": "member@northwind.example", "role": "member"}, done=200
    ),
    # Nobody is selected; see tests/projects/collaborators/test_several.py.
    "collaborators_role": Line(MANAGERS, MANAGERS, done=422),
    "collaborators_remove": Line(MANAGERS, MANAGERS, done=422),
}
