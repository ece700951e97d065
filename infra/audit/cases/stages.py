"""Cases 4 and 13 to 24: deals, and the stages that people and deals pass."""

from infra.audit.cases.case import CRM_DEALS, Case

FAMILY = "Stages and deals"
STAGES = (("hubspot__contact_lifecycle", "marketo__leads", "salesforce__lead", "files__leads"),)
ROLES = (("salesforce__opportunity",), ("salesforce__opportunity_contact_role",))

CASES = (
    Case(
        4,
        "Deals that are there twice",
        FAMILY,
        "high",
        "A CRM opportunity that is mirrored by two or more live deals of the marketing system; or a deal id that "
        "comes twice in a file.",
        "Its revenue is counted as often.",
        "Count the opportunity once; delete the spare mirrors.",
        CRM_DEALS,
        """
        SELECT 'deal', sfid(salesforceopportunityid),
          COUNT(*)::VARCHAR || ' HubSpot deals: ' || STRING_AGG(id, ', ' ORDER BY id)
        FROM raw.hubspot__deals WHERE known(salesforceopportunityid) IS NOT NULL AND NOT COALESCE(archived, FALSE)
        GROUP BY sfid(salesforceopportunityid) HAVING COUNT(*) > 1
        UNION ALL
        SELECT 'deal', id, 'merged into another deal and still alive'
        FROM raw.hubspot__deals WHERE NOT COALESCE(archived, FALSE) AND id IN (
          SELECT TRIM(UNNEST(STRING_SPLIT(hs_merged_object_ids, ';'))) FROM raw.hubspot__deals)
        UNION ALL
        SELECT 'deal', deal_id, COUNT(*)::VARCHAR || ' rows' FROM raw.files__deals GROUP BY deal_id HAVING COUNT(*) > 1
        """,
    ),
    Case(
        13,
        "Recycled MQLs",
        FAMILY,
        "low",
        "A person who became an MQL more than once, by the history of the marketing system.",
        "Counting qualifications instead of people inflates MQLs.",
        "Count the first time; report recycled MQLs beside it.",
        (("hubspot__contact_lifecycle",),),
        """
        SELECT 'contact', contact_id, COUNT(DISTINCT occurred_at)::VARCHAR || ' times MQL'
        FROM raw.hubspot__contact_lifecycle WHERE LOWER(stage) = 'marketingqualifiedlead'
        GROUP BY contact_id HAVING COUNT(DISTINCT occurred_at) > 1
        """,
    ),
    Case(
        14,
        "Skipped stages",
        FAMILY,
        "medium",
        "A person accepted by sales (SQL) who never was an MQL.",
        "Stage-to-stage rates exceed 100 %, or lose deals.",
        "Agree whether sales may accept without MQL; set the missing stage where they may not.",
        STAGES,
        """
        SELECT 'person', person, 'SQL ' || MIN(occurred_at) FILTER (WHERE stage = 'sql')::VARCHAR || ', never MQL'
        FROM audit.stage_event GROUP BY person
        HAVING BOOL_OR(stage = 'sql') AND NOT BOOL_OR(stage = 'mql')
          AND (SELECT COUNT(*) FROM audit.stage_event WHERE stage = 'mql') > 0
        """,
    ),
    Case(
        15,
        "Won before first contact",
        FAMILY,
        "medium",
        "A won deal whose close date (not before its own creation: that is case 17) lies before the day on which any "
        "of its people was first known.",
        "Such a deal has a negative time to close and no touch that could have won it.",
        "Check the dates; sales may have typed the deal in late, or linked the wrong person.",
        CRM_DEALS,
        """
        SELECT 'deal', d.deal_id,
          'won ' || d.close_date::VARCHAR || ', first known ' || MIN(r.created_at)::DATE::VARCHAR
        FROM audit.deal AS d
        JOIN audit.deal_person AS dp ON dp.deal_id = d.deal_id
        JOIN audit.person AS p ON p.person = dp.person
        JOIN audit.record AS r ON r.node = p.node
        WHERE d.is_won AND d.is_closed AND NOT d.is_deleted
          AND (d.created_at IS NULL OR d.close_date >= d.created_at::DATE)
        GROUP BY d.deal_id, d.close_date HAVING d.close_date < MIN(r.created_at)::DATE
        """,
    ),
    Case(
        16,
        "Reopened deals",
        FAMILY,
        "low",
        "A deal whose history shows a step that is open after one that closed it.",
        "Lost and won deals of closed months change afterwards.",
        "Report the last close; show reopened deals apart.",
        (("salesforce__opportunity_history", "hubspot__deal_stages"),),
        """
        WITH placed AS (
          SELECT deal_id, is_closing, LEAD(is_closing) OVER (PARTITION BY deal_id ORDER BY changed_at, step_id) AS next
          FROM audit.step
        )
        SELECT 'deal', p.deal_id, COUNT(*)::VARCHAR || ' times reopened'
        FROM placed AS p JOIN audit.deal AS d ON d.deal_id = p.deal_id
        WHERE p.is_closing AND NOT p.next GROUP BY p.deal_id
        """,
    ),
    Case(
        17,
        "Closed before created",
        FAMILY,
        "medium",
        "A closed deal whose close date lies before the day it was created.",
        "Pipeline velocity turns negative.",
        "Correct the close date; forbid it in the CRM with a validation rule.",
        CRM_DEALS,
        """
        SELECT 'deal', deal_id, 'created ' || created_at::DATE::VARCHAR || ', closed ' || close_date::VARCHAR
        FROM audit.deal WHERE is_closed AND NOT is_deleted AND close_date < created_at::DATE
        """,
    ),
    Case(
        18,
        "Deals without contact role",
        FAMILY,
        "medium",
        "A live CRM opportunity that no contact role names.",
        "Nobody's touches count for it: marketing influence is understated.",
        "Make one contact role mandatory before a deal moves on.",
        ROLES,
        """
        SELECT 'deal', sfid(o.id), o.stage_name FROM raw.salesforce__opportunity AS o
        LEFT JOIN raw.salesforce__opportunity_contact_role AS r
          ON sfid(r.opportunity_id) = sfid(o.id) AND NOT COALESCE(r.is_deleted, FALSE)
        WHERE r.id IS NULL AND NOT COALESCE(o.is_deleted, FALSE)
        """,
    ),
    Case(
        19,
        "Contact roles added after the close",
        FAMILY,
        "low",
        "A contact role created after its deal was closed (by the deal's history, else by the end of the close date).",
        "Touches of people who had no part in it would earn credit.",
        "Count roles by their creation; ask sales to name people while the deal is open.",
        ROLES,
        """
        SELECT 'contact', sfid(r.contact_id), 'on deal ' || d.deal_id || ', ' ||
          DATE_DIFF('day', d.closed_at, r.created_date)::VARCHAR || ' days after the close'
        FROM raw.salesforce__opportunity_contact_role AS r
        JOIN audit.deal AS d ON d.deal_id = sfid(r.opportunity_id)
        WHERE NOT COALESCE(r.is_deleted, FALSE) AND d.is_closed AND r.created_date > d.closed_at
        """,
    ),
    Case(
        20,
        "Blank amounts",
        FAMILY,
        "high",
        "A live deal without an amount, or a closed one that does not say whether it was won.",
        "It counts as a deal and adds no revenue.",
        "Fill the amount; make it mandatory from the proposal on.",
        CRM_DEALS,
        """
        SELECT 'deal', deal_id, CASE WHEN amount IS NULL THEN 'no amount' ELSE 'won or lost?' END
        FROM audit.deal WHERE NOT is_deleted AND (amount IS NULL OR (is_closed AND is_won IS NULL))
        """,
    ),
    Case(
        21,
        "Negative amounts, refunds, renewals",
        FAMILY,
        "medium",
        "A live deal with a negative amount, or whose type says refund, credit or renewal.",
        "Revenue falls without a lost deal; renewals are no new business that marketing won.",
        "Agree which types count as revenue, and which as marketing's.",
        CRM_DEALS,
        """
        SELECT 'deal', deal_id, COALESCE(type || ': ', '') || COALESCE(amount::VARCHAR, 'no amount')
        FROM audit.deal WHERE NOT is_deleted
          AND (amount < 0 OR REGEXP_MATCHES(LOWER(COALESCE(type, '')), 'refund|renewal|credit|chargeback'))
        """,
    ),
    Case(
        22,
        "Line items fanning out",
        FAMILY,
        "low",
        "A live deal with two or more live line items.",
        "Joined to its line items the deal counts as often: sums of deal amounts multiply.",
        "Sum deals by the deal, products by the line item; never join first.",
        (("salesforce__opportunity",), ("salesforce__opportunity_line_item",)),
        """
        SELECT 'deal', d.deal_id, COUNT(*)::VARCHAR || ' line items' FROM raw.salesforce__opportunity_line_item AS l
        JOIN audit.deal AS d ON d.deal_id = sfid(l.opportunity_id)
        WHERE NOT COALESCE(l.is_deleted, FALSE) AND NOT d.is_deleted GROUP BY d.deal_id HAVING COUNT(*) > 1
        """,
    ),
    Case(
        23,
        "Deleted after it was reported",
        FAMILY,
        "medium",
        "A deal deleted in a later month than the one it was created in.",
        "Past months change without a trace.",
        "Close months, so that reports keep what was said; forbid deleting deals.",
        (("salesforce__opportunity", "hubspot__deals"),),
        """
        SELECT 'deal', deal_id, 'deleted ' || modified_at::DATE::VARCHAR || ', created ' || created_at::DATE::VARCHAR
        FROM audit.deal WHERE is_deleted AND DATE_TRUNC('month', created_at) < DATE_TRUNC('month', modified_at)
        """,
    ),
    Case(
        24,
        "Stages renamed or deleted",
        FAMILY,
        "medium",
        "A deal whose history names a stage that neither a pipeline nor any deal has today. Told where the CRM's "
        "stages are mostly those of a pipeline that is loaded.",
        "The old name makes a stage of its own: funnels by stage break.",
        "Map the old name to the new one.",
        (("hubspot__pipelines",), ("salesforce__opportunity_history", "hubspot__deal_stages")),
        """
        WITH today AS (
          SELECT DISTINCT LOWER(stage_label) AS stage FROM raw.hubspot__pipelines WHERE NOT COALESCE(archived, FALSE)
        ),
        present AS (SELECT DISTINCT LOWER(stage) AS stage FROM audit.deal WHERE stage IS NOT NULL)
        SELECT 'deal', s.deal_id, STRING_AGG(DISTINCT s.stage, ', ') FROM audit.step AS s
        JOIN audit.deal AS d ON d.deal_id = s.deal_id
        WHERE LOWER(s.stage) NOT IN (SELECT stage FROM today) AND LOWER(s.stage) NOT IN (SELECT stage FROM present)
          AND (SELECT COUNT(*) FROM present WHERE stage IN (SELECT stage FROM today)) * 2
            >= (SELECT COUNT(*) FROM present)
        GROUP BY s.deal_id
        """,
    ),
)
