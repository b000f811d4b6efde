"""Ask a question from Python: every sentence of the answer names its source."""

from almanac_assistant import open_assistant

answer = open_assistant().ask("What is RLHF?")
print(answer.text)
for citation in answer.citations:
    print(f"[{citation.number}] {citation.title}: {citation.quote}")
