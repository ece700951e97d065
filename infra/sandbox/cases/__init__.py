"""The forty cases that the numbers must survive: planted a few times each, and counted.

Each function of the modules beside this one plants one case and yields what it planted. Cases that the company shows by
itself (1: people in every system, 33: invitations without a response, 30: scanners) are only counted.
"""

import random

from infra.sandbox.cases import deals, identity, money, naming, touches
from infra.sandbox.cases.ground import Field, Planter
from infra.sandbox.company import Company

# In the order of planting: who needs the rarest people goes first.
PLANTERS: tuple[Planter, ...] = (
    deals.late_roles,
    identity.without_account,
    deals.won_before_contact,
    touches.long_before,
    identity.double_mirrors,
    deals.reopened,
    deals.blank_amounts,
    deals.refunds,
    deals.line_items,
    deals.deleted_deals,
    touches.untouched,
    touches.single_touch,
    touches.after_close,
    money.currencies,
    naming.drifting_names,
    deals.closed_before_created,
    deals.without_roles,
    deals.renamed_stages,
    identity.second_leads,
    identity.second_domains,
    deals.skipped,
    touches.back_dated,
    touches.deleted_members,
    identity.merges_in_the_crm,
    deals.recycled,
    money.edges_of_months,
    identity.short_ids,
    identity.addresses,
    identity.shared_inboxes,
    touches.same_instant,
    naming.utm,
    identity.forgotten,
    identity.free_mail,
    identity.merge_chains,
    naming.campaign_knots,
    naming.renamed_ad,
    money.pilot,
    money.flat_costs,
    touches.counted,
    money.zero_denominators,
)


def plant(company: Company, rng: random.Random) -> None:
    """Plant every case, and leave the list of them in `company.planted`."""
    ground = Field(rng, company)
    planted = [one for planter in PLANTERS for one in planter(ground)]
    company.planted = tuple(sorted(planted, key=lambda one: (one.case, str(one.number))))
