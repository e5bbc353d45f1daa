"""The grammar compiler that llama.cpp uses too, so that what it refuses is refused here first, with its reason."""


def find_fault(grammar: str) -> str | None:
    """Why `grammar`, in LLGuidance's dialect of Lark, cannot be compiled, or None."""
    from llguidance import LLMatcher  # heavy: only a process that serves a model needs it

    is_error, messages = LLMatcher.validate_grammar_with_warnings(grammar, None)
    if not is_error:
        return None
    return messages[0] if messages else "it does not compile"
