"""What we send to Graph is what Microsoft's own types describe."""

from account_email_connector.providers.microsoft.message import as_json
from oauth_samples import PDF, an_email
from test_standin_contract import compile_types


def test_our_json_is_a_message_of_microsoft(tmp_path):
    email = an_email(
        attachment=PDF,
        Reply_To="books@bluelake.example",
        References="<a@x>",
        In_Reply_To="<a@x>",
        X_One="1",
    )
    html = next(p for p in email.message.walk() if p.get_content_subtype() == "html")
    html.add_related(b"\x89PNG", "image", "png", cid="<logo@x>", disposition="inline")
    message = as_json(email.message, "accounts@bluelake.example")
    attachments = message.pop("attachments")
    checks = [("Message", message)]
    checks += [("FileAttachment", attachment) for attachment in attachments]
    assert len(checks) == 3
    assert compile_types(tmp_path, checks) == ""


def test_the_types_would_notice(tmp_path):
    wrong = {"toRecipients": [{"emailAddress": {"adress": "typo@x"}}]}
    assert "adress" in compile_types(tmp_path, [("Message", wrong)])
