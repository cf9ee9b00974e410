"""The templates of before end with the mailbox's name, whoever signs."""

#: After the last greeting, in any language, as it stands in JSON.
NAME = (
    r"(<br */?>(?:\\n|\s)*<t t-out=\\\")"
    r"object\.connector_id\.sender_name or object\.company_id\.name(\\\")"
)


def migrate(cr, version):
    cr.execute(
        """
        UPDATE mail_template
           SET body_html = regexp_replace(
                   body_html::text, %(name)s, '\\1object.signature_html\\2', 'g')::jsonb
         WHERE model = 'account.email.followup' AND body_html::text ~ %(name)s
        """,
        {"name": NAME},
    )
