"""What clients asked the server to remember: responses and conversations, per service and API key."""
