"""Cases 25 to 33: what people did, and when."""

from infra.audit.cases.case import Case, Needs

FAMILY = "Touches"
LOOKBACK_DAYS = 365  # the longest look-back in common use; attribution.yml has the one that counts
TOUCHES: Needs = (
    ("hubspot__form_submissions", "files__touches", "marketo__activities", "salesforce__campaign_member"),
)
DEALS_AND_TOUCHES: Needs = (("salesforce__opportunity", "hubspot__deals", "files__deals"), *TOUCHES)
MEMBERS: Needs = (("salesforce__campaign_member",),)

CASES = (
    Case(
        25,
        "Touches at the same instant",
        FAMILY,
        "low",
        "A person with two or more touches at the same second (responses to events are known by the day: they do "
        "not count here).",
        "First and last touch depend on chance unless ties are broken by rule.",
        "Nothing to repair: ties break by touch id.",
        TOUCHES,
        """
        SELECT 'person', person, STRING_AGG(detail, '; ') FROM (
          SELECT person, COUNT(*)::VARCHAR || ' touches at ' || occurred_at::VARCHAR AS detail FROM audit.touch
          WHERE person IS NOT NULL AND kind <> 'response' AND NOT (system = 'files' AND occurred_at = occurred_at::DATE)
          GROUP BY person, occurred_at HAVING COUNT(*) > 1
        ) GROUP BY person
        """,
    ),
    Case(
        26,
        "Touches after the close",
        FAMILY,
        "info",
        "A closed deal with a touch of one of its people after it was closed.",
        "They can have won nothing: counted, they would take credit from those that did.",
        "Nothing to repair: the journey of a deal ends at its close.",
        DEALS_AND_TOUCHES,
        """
        SELECT 'deal', d.deal_id, COUNT(*)::VARCHAR || ' touches after the close' FROM audit.deal AS d
        JOIN audit.deal_person AS p ON p.deal_id = d.deal_id
        JOIN audit.touch AS t ON t.person = p.person AND t.occurred_at > d.closed_at
        WHERE d.is_closed AND NOT d.is_deleted GROUP BY d.deal_id
        """,
    ),
    Case(
        27,
        "Deals without any touch",
        FAMILY,
        "medium",
        "A live deal none of whose people has a single touch.",
        "Its revenue is nobody's: it shows as unattributed.",
        "Find out how these deals came: sales on its own, or tracking that is missing.",
        DEALS_AND_TOUCHES,
        """
        SELECT 'deal', d.deal_id, COALESCE(d.stage, '') FROM audit.deal AS d
        LEFT JOIN audit.deal_person AS p ON p.deal_id = d.deal_id
        LEFT JOIN audit.touch AS t ON t.person = p.person
        WHERE NOT d.is_deleted GROUP BY d.deal_id, d.stage HAVING COUNT(t.touch_id) = 0
        """,
    ),
    Case(
        28,
        "One touch in every position",
        FAMILY,
        "info",
        "A won deal whose people have exactly one touch before its close.",
        "That touch is first, last and all between: every model gives it everything.",
        "Nothing to repair: the weights of its positions add up to one.",
        DEALS_AND_TOUCHES,
        """
        SELECT 'deal', d.deal_id, MIN(t.kind) FROM audit.deal AS d
        JOIN audit.deal_person AS p ON p.deal_id = d.deal_id
        JOIN audit.touch AS t ON t.person = p.person AND t.occurred_at <= d.closed_at
        WHERE d.is_won AND d.is_closed AND NOT d.is_deleted GROUP BY d.deal_id HAVING COUNT(DISTINCT t.touch_id) = 1
        """,
    ),
    Case(
        29,
        "Touches long before the close",
        FAMILY,
        "info",
        f"A closed deal with a touch of one of its people more than {LOOKBACK_DAYS} days before its close.",
        "Whether it earns credit depends on the look-back window.",
        "Agree the window (lookback_days in attribution.yml).",
        DEALS_AND_TOUCHES,
        f"""
        SELECT 'deal', d.deal_id, MAX(DATE_DIFF('day', t.occurred_at, d.closed_at))::VARCHAR || ' days before the close'
        FROM audit.deal AS d
        JOIN audit.deal_person AS p ON p.deal_id = d.deal_id
        JOIN audit.touch AS t ON t.person = p.person
          AND t.occurred_at < d.closed_at - INTERVAL {LOOKBACK_DAYS} DAY
        WHERE d.is_closed AND NOT d.is_deleted GROUP BY d.deal_id
        """,
    ),
    Case(
        30,
        "Clicks by machines",
        FAMILY,
        "info",
        "An address whose clicks the mail system holds for those of a scanner.",
        "Security scanners click every link: click rates and touches would be invented.",
        "Nothing to repair: machine clicks are no touches.",
        (("hubspot__email_events",),),
        """
        SELECT 'address', plain_email(recipient), COUNT(*)::VARCHAR || ' clicks' FROM raw.hubspot__email_events
        WHERE COALESCE(is_filtered, FALSE) AND UPPER(type) = 'CLICK' GROUP BY plain_email(recipient)
        """,
    ),
    Case(
        31,
        "Back-dated offline touches",
        FAMILY,
        "low",
        "A response in the CRM that was entered more than a day after it is said to have happened.",
        "A touch appears in a month that was already reported.",
        "Enter attendance within the week; close months.",
        MEMBERS,
        """
        SELECT 'member', sfid(id),
          'responded ' || first_responded_date::VARCHAR || ', entered ' || created_date::DATE::VARCHAR
        FROM raw.salesforce__campaign_member
        WHERE NOT COALESCE(is_deleted, FALSE) AND created_date::DATE > first_responded_date + 1
        """,
    ),
    Case(
        32,
        "Campaign members of deleted leads",
        FAMILY,
        "low",
        "A live campaign member whose lead was deleted (not merged or converted).",
        "The touch stays without a person.",
        "Count the touch in the campaign's responses, not in journeys.",
        (*MEMBERS, ("salesforce__lead",)),
        """
        SELECT 'member', sfid(m.id), 'lead ' || sfid(m.lead_id) FROM raw.salesforce__campaign_member AS m
        JOIN raw.salesforce__lead AS l ON sfid(l.id) = sfid(m.lead_id)
        WHERE l.is_deleted AND l.master_record_id IS NULL AND m.contact_id IS NULL AND NOT COALESCE(m.is_deleted, FALSE)
        """,
    ),
    Case(
        33,
        "Invitations that nobody answered",
        FAMILY,
        "info",
        "A person who is a campaign member without having responded (status Sent).",
        "Taken for touches, mass mailings would earn the credit for everything.",
        "Nothing to repair: only responses are touches.",
        MEMBERS,
        """
        SELECT 'person', COALESCE(sfid(contact_id), sfid(lead_id)), COUNT(*)::VARCHAR || ' invitations'
        FROM raw.salesforce__campaign_member
        WHERE NOT COALESCE(has_responded, FALSE) AND NOT COALESCE(is_deleted, FALSE)
        GROUP BY COALESCE(sfid(contact_id), sfid(lead_id))
        """,
    ),
)
