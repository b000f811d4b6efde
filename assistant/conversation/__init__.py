"""What the conversation adds to a question: follow-ups, pronouns, offers and the topic."""
