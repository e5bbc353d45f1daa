"""OpenAI's wire types as msgspec Structs: one file per resource. `decoding` explains what a client did wrong.

Requests refuse unknown fields and name them. Responses keep OpenAI's field order; `UNSET` means "not sent",
`None` is sent as `null`.
"""
