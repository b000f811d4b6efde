"""Uses the conversation to complete a question: follow-ups, pronouns, offers and the topic."""
