"""The only folder that knows Starlette."""
