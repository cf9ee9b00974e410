"""In which language a customer is written to: emails, statements and letters alike."""


def language(company, *people, wanted=None):
    """The first language that a document can be written in: an archived contact may
    keep one that was switched off.

    :param company: ``res.company``, whose language comes last.
    :param people: ``res.partner``, the reader first.
    :param wanted: a language that comes before theirs, as of a preview.
    """
    installed = company.env["res.lang"]
    langs = (wanted, *(each.lang for each in (*people, company.partner_id)))
    return next((lang for lang in langs if installed._get_code(lang)), "en_US")
