"""The JSON API: one file per resource; each verb parses, asks one action or query, and dumps."""
