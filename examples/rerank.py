"""Put a stock LlamaIndex postprocessor between retrieval and answer."""

from almanac_assistant import open_assistant
from llama_index.core.postprocessor import SimilarityPostprocessor

# Any node postprocessor fits here, for example a reranking model from a LlamaIndex package.
assistant = open_assistant(node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.2)])
response = assistant.as_query_engine().query("Why do chatbots flatter people?")
print(response)
for node in response.source_nodes:
    print(f"- {node.metadata['title']}: {node.text}")
