"""Documents: said once as plain values, rendered as PDF, Word and Excel; forms come back filled.

    document = Document(_("Customer portrait"), blocks=(Section(_("Tiers"), (Ranks(…),)),), as_of=…, made_at=…, made_by=…)
    return respond(document, "pdf", file_name=f"画像-{name}")

`parts` says what a document is made of, `forms` what can be filled in, `reading.read` brings a filled form back.
"""
