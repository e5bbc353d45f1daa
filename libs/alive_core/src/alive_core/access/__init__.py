"""Who asks, and what they may do: keys, tokens of an issuer, roles and limits. Nothing here knows HTTP."""
