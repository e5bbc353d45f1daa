"""Grounded answers: which words of an answer rest on which of the documents that the request brought."""
