"""What the ad platforms have in common: their campaigns with ids, and their days up to now."""

from datetime import date

from infra.sandbox.company import Campaign, SpendDay
from infra.sandbox.world import World


class AdPlatform:
    """The campaigns and days of one platform."""

    def __init__(self, world: World, platform: str, first_id: int) -> None:
        self.world = world
        self.own = [campaign for campaign in world.company.campaigns if campaign.platform == platform]
        self.ids = {campaign.key: str(first_id + index) for index, campaign in enumerate(self.own)}
        self._days = sorted(
            (spend for spend in world.company.spend if spend.platform == platform),
            key=lambda spend: (spend.day, self.ids[spend.campaign.key]),
        )

    def campaigns(self) -> list[Campaign]:
        """The campaigns that have started by now."""
        today = self.world.now.date()
        return [campaign for campaign in self.own if campaign.starts <= today]

    def days(self, first: date, last: date) -> list[SpendDay]:
        """The days from `first` to `last`, both included, as far as they have come."""
        last = min(last, self.world.now.date())
        return [spend for spend in self._days if first <= spend.day <= last]
