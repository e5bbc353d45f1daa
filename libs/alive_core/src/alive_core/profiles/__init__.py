"""What a functionality promises, and which targets can keep the promise."""
