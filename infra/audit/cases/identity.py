"""Cases 1 to 12: who is who."""

from infra.audit.cases.case import CONTACTS, Case

FAMILY = "Identity"
MAP = ("hubspot__contacts", "marketo__leads")

CASES = (
    Case(
        1,
        "The same person as MAP lead, CRM lead and CRM contact",
        FAMILY,
        "info",
        "A person with a live record in the marketing system, a lead and a contact in the CRM, tied by ids or e-mail.",
        "Counting records instead of people counts each of them three times.",
        "Nothing to repair: count people, as the warehouse does.",
        (MAP, ("salesforce__lead",), ("salesforce__contact",)),
        """
        SELECT 'person' AS entity, MIN(r.id) FILTER (WHERE r.object = 'contact' AND r.system = 'salesforce'),
          COUNT(*)::VARCHAR || ' records: ' || STRING_AGG(r.system || ' ' || r.object, ', ' ORDER BY r.node)
        FROM audit.record AS r JOIN audit.person AS p ON p.node = r.node
        WHERE NOT r.is_gone GROUP BY p.person
        HAVING BOOL_OR(r.system IN ('hubspot', 'marketo')) AND BOOL_OR(r.system = 'salesforce' AND r.object = 'lead')
          AND BOOL_OR(r.system = 'salesforce' AND r.object = 'contact')
        """,
    ),
    Case(
        2,
        "Merge chains",
        FAMILY,
        "medium",
        "A surviving record into which two or more others were merged, directly or one through the other "
        "(A -> B -> C).",
        "A number that follows one merge only loses the events of the others.",
        "Keep the merged ids; follow chains to their end.",
        CONTACTS,
        """
        WITH RECURSIVE chain AS (
          SELECT system, loser, winner, 1 AS hops FROM audit.merge
          UNION
          SELECT c.system, c.loser, m.winner, c.hops + 1 FROM chain AS c
          JOIN audit.merge AS m ON m.loser = c.winner AND c.hops < 50
        ),
        ended AS (
          SELECT DISTINCT loser, winner FROM chain WHERE winner NOT IN (SELECT loser FROM audit.merge)
        )
        SELECT 'record', winner, COUNT(*)::VARCHAR || ' records were merged into it' FROM ended
        GROUP BY winner HAVING COUNT(*) > 1
        """,
    ),
    Case(
        3,
        "Merged in one system only",
        FAMILY,
        "high",
        "Two records merged in one system whose counterparts in the other system are still two; or a record that a "
        "survivor lists as merged while it still looks alive.",
        "The two systems disagree on how many people there are: lead and MQL counts differ for good.",
        "Repeat the merge in the other system, then check the sync between them.",
        CONTACTS,
        """
        SELECT 'record', r.node, 'a survivor lists it as merged, it is still alive'
        FROM audit.record AS r JOIN audit.merge AS m ON m.loser = r.node WHERE NOT r.is_gone
        UNION
        SELECT 'record', 'salesforce:lead:' || sfid(l.id),
          'merged in the CRM; marketing still has ' || a.id || ' and ' || b.id
        FROM raw.salesforce__lead AS l
        JOIN raw.salesforce__lead AS w ON sfid(w.id) = sfid(l.master_record_id)
        JOIN raw.hubspot__contacts AS a ON a.id = l.hubspot_contact_id AND NOT COALESCE(a.archived, FALSE)
        JOIN raw.hubspot__contacts AS b ON b.id = w.hubspot_contact_id AND NOT COALESCE(b.archived, FALSE)
        WHERE a.id <> b.id
        UNION
        SELECT 'record', m.loser, 'merged in marketing; the CRM still has two leads'
        FROM audit.merge AS m
        JOIN raw.salesforce__lead AS l ON 'hubspot:contact:' || l.hubspot_contact_id = m.loser
        JOIN raw.salesforce__lead AS w ON 'hubspot:contact:' || w.hubspot_contact_id = m.winner
        WHERE NOT COALESCE(l.is_deleted, FALSE) AND NOT COALESCE(w.is_deleted, FALSE) AND l.id <> w.id
        """,
    ),
    Case(
        5,
        "A second lead converted into an existing contact",
        FAMILY,
        "medium",
        "A CRM contact into which more than one lead was converted, or that is more than a day older than the one "
        "lead converted into it and has another address.",
        "One person is counted as two leads, and the later one seems to start a journey of its own.",
        "Search before creating a lead; count the contact's first lead.",
        (("salesforce__lead",), ("salesforce__contact",)),
        """
        SELECT 'contact', sfid(l.converted_contact_id), COUNT(*)::VARCHAR || ' leads were converted into it'
        FROM raw.salesforce__lead AS l
        LEFT JOIN raw.salesforce__contact AS c ON sfid(c.id) = sfid(l.converted_contact_id)
        WHERE l.converted_contact_id IS NOT NULL AND l.master_record_id IS NULL
        GROUP BY sfid(l.converted_contact_id)
        HAVING COUNT(*) > 1 OR BOOL_AND(c.created_date < l.created_date - INTERVAL 1 DAY
          AND plain_email(c.email) <> plain_email(l.email))
        """,
    ),
    Case(
        6,
        "E-mail case, plus-tag, changed address",
        FAMILY,
        "low",
        "A person whose address was typed in capitals or with a plus-tag, or who has a further address that no merge "
        "explains, or another address in the CRM than in the marketing system.",
        "A join on the e-mail as typed loses the touch.",
        "Compare addresses in lower case without tag; keep former addresses.",
        CONTACTS,
        """
        WITH typed AS (
          SELECT node, TRIM(email_typed) AS typed FROM audit.record WHERE NOT is_gone
          UNION ALL SELECT node, TRIM(address) FROM audit.touch
        )
        SELECT 'person', person, MIN(detail) FROM (
          SELECT p.person, 'typed as ' || t.typed AS detail FROM typed AS t JOIN audit.person AS p ON p.node = t.node
          WHERE plain_email(t.typed) <> t.typed
          UNION ALL
          SELECT p.person, 'further address ' || MIN(f.email)
          FROM audit.further_address AS f
          JOIN raw.hubspot__contacts AS c ON c.id = f.contact_id AND NOT COALESCE(c.archived, FALSE)
          JOIN audit.person AS p ON p.node = 'hubspot:contact:' || f.contact_id
          GROUP BY p.person, c.id, c.hs_merged_object_ids
          HAVING COUNT(*) > COALESCE(LEN(STRING_SPLIT(c.hs_merged_object_ids, ';')), 0)
          UNION ALL
          SELECT p.person, plain_email(c.email) || ' in marketing, ' || plain_email(l.email) || ' in the CRM'
          FROM raw.salesforce__lead AS l
          JOIN raw.hubspot__contacts AS c ON c.id = l.hubspot_contact_id AND NOT COALESCE(c.archived, FALSE)
          JOIN audit.person AS p ON p.node = 'hubspot:contact:' || c.id
          WHERE l.master_record_id IS NULL AND plain_email(c.email) <> plain_email(l.email)
        ) GROUP BY person
        """,
    ),
    Case(
        7,
        "Forgotten (GDPR) contacts",
        FAMILY,
        "low",
        "An address that filled in forms or was sent mails and belongs to no record; or an archived contact whose "
        "address was erased.",
        "Their touches stay, their lead is gone: past months shrink.",
        "Keep the count without the person; say so in closed months.",
        CONTACTS,
        """
        WITH heard AS (
          SELECT plain_email(email) AS email FROM raw.hubspot__form_submissions
          UNION SELECT plain_email(recipient) FROM raw.hubspot__email_events
          UNION SELECT plain_email(email) FROM raw.files__touches WHERE lead_id IS NULL
        )
        SELECT 'address', h.email, 'has touches and no record' FROM heard AS h
        LEFT JOIN audit.person AS p ON p.node = 'email:' || h.email
        WHERE h.email IS NOT NULL AND p.person IS NULL
          AND SPLIT_PART(h.email, '@', 1) NOT IN (SELECT local_part FROM audit.shared_inbox)
        UNION ALL
        SELECT 'contact', id, 'archived and its address erased' FROM raw.hubspot__contacts
        WHERE COALESCE(archived, FALSE) AND known(email) IS NULL
        """,
    ),
    Case(
        8,
        "Free-mail, throw-away and test addresses",
        FAMILY,
        "low",
        "A live record whose address is of a domain that is nobody's company.",
        "Grouped by domain they would make one giant account.",
        "Leave these domains out of account matching; consider asking for a business address.",
        CONTACTS,
        """
        SELECT 'address', r.email, x.reason FROM audit.record AS r
        JOIN audit.excluded_domain AS x ON x.domain = email_domain(r.email)
        WHERE NOT r.is_gone GROUP BY r.email, x.reason
        """,
    ),
    Case(
        9,
        "Contacts without account",
        FAMILY,
        "medium",
        "A live CRM contact that has no account.",
        "Account-based numbers and the fall-back from deal to people leave them out.",
        "Assign an account; make the field mandatory.",
        (("salesforce__contact",),),
        """
        SELECT 'contact', sfid(id), 'no account' FROM raw.salesforce__contact
        WHERE known(account_id) IS NULL AND NOT COALESCE(is_deleted, FALSE)
        """,
    ),
    Case(
        10,
        "Several domains an account, one domain for several accounts",
        FAMILY,
        "low",
        "A live CRM account whose website and contacts show two or more business domains; or a domain that is the "
        "website of two live accounts.",
        "Matching by domain splits one company, or mixes two.",
        "Keep the further domains with the account; merge accounts that are one company.",
        (("salesforce__account", "hubspot__companies"),),
        """
        WITH seen AS (
          SELECT sfid(id) AS account_id, domain_of(website) AS domain FROM raw.salesforce__account
          WHERE NOT COALESCE(is_deleted, FALSE)
          UNION
          SELECT sfid(account_id), email_domain(plain_email(email)) FROM raw.salesforce__contact
          WHERE NOT COALESCE(is_deleted, FALSE)
          UNION
          SELECT 'hubspot:company:' || id, domain_of(domain) FROM raw.hubspot__companies
          WHERE NOT COALESCE(archived, FALSE) AND NOT EXISTS (SELECT 1 FROM raw.salesforce__account)
          UNION
          SELECT 'hubspot:company:' || a.to_id, email_domain(plain_email(c.email))
          FROM raw.hubspot__associations AS a JOIN raw.hubspot__contacts AS c ON c.id = a.from_id
          WHERE a.from_object = 'contacts' AND a.to_object = 'companies' AND NOT COALESCE(c.archived, FALSE)
            AND NOT EXISTS (SELECT 1 FROM raw.salesforce__account)
        ),
        business AS (
          SELECT s.* FROM seen AS s LEFT JOIN audit.excluded_domain AS x ON x.domain = s.domain
          WHERE x.domain IS NULL AND s.domain IS NOT NULL AND s.account_id IS NOT NULL
        )
        SELECT 'account', account_id, STRING_AGG(DISTINCT domain, ', ') FROM business
        GROUP BY account_id HAVING COUNT(DISTINCT domain) > 1
        UNION ALL
        SELECT 'domain', domain_of(website), COUNT(*)::VARCHAR || ' accounts' FROM raw.salesforce__account
        WHERE NOT COALESCE(is_deleted, FALSE) AND domain_of(website) IS NOT NULL
        GROUP BY domain_of(website) HAVING COUNT(*) > 1
        """,
    ),
    Case(
        11,
        "Shared inboxes",
        FAMILY,
        "low",
        "An address that several people read (info@, sales@, ...: seeds/shared_inbox.csv) in a form or a record.",
        "It would tie strangers into one person.",
        "Let it identify nobody; add your own such addresses to the seed.",
        CONTACTS,
        """
        SELECT 'address', email, COUNT(*)::VARCHAR || ' rows' FROM (
          SELECT plain_email(address) AS email FROM audit.touch
          UNION ALL SELECT email FROM audit.record WHERE NOT is_gone
        ) WHERE SPLIT_PART(email, '@', 1) IN (SELECT local_part FROM audit.shared_inbox)
        GROUP BY email
        """,
    ),
    Case(
        12,
        "15-character Salesforce ids",
        FAMILY,
        "low",
        "A marketing record whose Salesforce ids have 15 characters, where case matters.",
        "They join nothing in the CRM, whose ids have 18.",
        "Convert them to 18 characters on the way in, as the warehouse does.",
        (MAP,),
        """
        SELECT 'contact', id, COALESCE(salesforceleadid, salesforcecontactid, salesforceaccountid)
        FROM raw.hubspot__contacts
        WHERE 15 IN (LENGTH(salesforceleadid), LENGTH(salesforcecontactid), LENGTH(salesforceaccountid))
        UNION ALL
        SELECT 'lead', id, COALESCE(sfdc_lead_id, sfdc_contact_id, sfdc_account_id) FROM raw.marketo__leads
        WHERE 15 IN (LENGTH(sfdc_lead_id), LENGTH(sfdc_contact_id), LENGTH(sfdc_account_id))
        """,
    ),
)
