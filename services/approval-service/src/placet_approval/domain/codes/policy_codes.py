"""What the obstacles mean that `placet apply` warns of: why no sign-off could be approved under a policy as things are."""

from placet_shared.explained_codes import explained

__all__ = ["POLICY_CODES"]

POLICY_CODES = explained(
    "policy",
    "docs/document-fields.md",
    {
        "environment_not_defined": (
            "There is no environment of the name that the policy is for, so it protects nothing.",
            "Check the name: `placet environments list`; or define it: `placet environments define NAME`.",
        ),
        "role_without_people": (
            "The policy asks for a role that no active person has.",
            "Give it to people: `placet people roles NAME --role ROLE`, with the roles that they keep.",
        ),
        "quorum_out_of_reach": (
            "The policy asks for more signatures of distinct people than the people there are could give.",
            "Give more people the roles that sign, or ask for fewer signatures: `placet apply -f policy.yaml`.",
        ),
        "signers_absent": (
            "People who could sign are absent, and those who are there, with the delegates of those who are not, are too few.",
            "Ask absent people to delegate: `placet delegations add`; an owner of the policy reassigns one: `placet signoff reassign`.",
        ),
    },
)
