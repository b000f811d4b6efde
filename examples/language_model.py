"""Let a language model write the answer over our retriever. Each sentence is checked against its source.

This one echoes what it is given, so that the example runs without a key. Put any LlamaIndex LLM in its place, for
example `OpenAI(model="…")` from `llama-index-llms-openai` or `Ollama(model="…")` from `llama-index-llms-ollama`.
"""

from almanac_assistant import open_assistant
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.response_synthesizers import CompactAndRefine


class Echo(CustomLLM):
    """Answers with a sentence from the passages in its prompt, and with one that no source supports."""

    @property
    def metadata(self) -> LLMMetadata:
        """A small context window, so that the synthesizer has to refine."""
        return LLMMetadata(context_window=8_000, num_output=256, model_name="echo")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> CompletionResponse:
        """The first sentence of the first passage, and a false one."""
        passage = next((line for line in prompt.splitlines() if "RLHF" in line and len(line) > 80), "")
        return CompletionResponse(text=f"{passage.split('. ')[0]}. It was invented by Napoleon in 1805.")

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: object) -> object:
        """Not needed here."""
        raise NotImplementedError


answer = open_assistant(answerer=CompactAndRefine(llm=Echo())).ask("What is RLHF?")
print(answer.text)
for removed in answer.removed:
    print(f"removed: {removed.text} ({removed.reason})")
