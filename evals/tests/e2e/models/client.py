"""What a user of OpenAI's own client does with the models that porter lends. Ends with 0 when all of it works."""

import math
import sys

import openai

base, key = sys.argv[1:]
ENCODER, CHAT = "all-MiniLM-L6-v2", "SmolLM2-135M-Instruct"
client = openai.OpenAI(base_url=base, api_key=key, max_retries=0, timeout=300)


def fails(kind, call, word):
    try:
        call()
    except kind as error:
        assert word in str(error), f"{word!r} is not in {error}"
        return
    raise AssertionError(f"no {kind.__name__}")


# Models.
assert [model.id for model in client.models.list()] == [ENCODER, CHAT]
assert client.models.retrieve(CHAT).owned_by == "porter"

# Vectors: the client asks for base64 unless it is told otherwise.
single = client.embeddings.create(model=ENCODER, input="I need my PIN")
vector = single.data[0].embedding
assert len(vector) == 384 and abs(math.sqrt(sum(value * value for value in vector)) - 1) < 1e-5
# The reference of PyTorch and ONNX Runtime.
assert all(abs(found - known) < 1e-4 for found, known in zip(vector, [-0.066286, -0.030785, -0.026004, 0.008984]))
assert single.usage.prompt_tokens == single.usage.total_tokens == 6, single.usage
floats = client.embeddings.create(model=ENCODER, input="I need my PIN", encoding_format="float").data[0].embedding
assert all(abs(one - other) < 1e-6 for one, other in zip(vector, floats))
texts = [f"question {number}" for number in range(100)] + ["I need my PIN"]
batch = client.embeddings.create(model=ENCODER, input=texts, dimensions=384)
assert [item.index for item in batch.data] == list(range(101))
assert sum(one * other for one, other in zip(batch.data[100].embedding, vector)) > 1 - 1e-5

# Chat, whole and as it grows.
ask = {"model": CHAT, "messages": [{"role": "user", "content": "What is the largest ocean on Earth?"}], "temperature": 0}
whole = client.chat.completions.create(**ask, max_tokens=16)
text = whole.choices[0].message.content
assert "Pacific" in text, text
assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (38, 16), whole.usage
assert whole.choices[0].finish_reason == "length"
chunks = list(client.chat.completions.create(**ask, max_tokens=16, stream=True, stream_options={"include_usage": True}))
grown = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
assert grown == text and len(chunks) > 8, chunks
assert chunks[-1].usage.total_tokens == 54
cut = client.chat.completions.create(**ask, max_tokens=16, stop=" Pacific")
assert text.startswith(cut.choices[0].message.content) and cut.choices[0].finish_reason == "stop"
drawn = [
    client.chat.completions.create(model=CHAT, messages=ask["messages"], max_tokens=8, seed=seed, temperature=1.5).choices[0].message.content
    for seed in (1, 1)
]
assert drawn[0] == drawn[1], drawn

# What is not right has its own exception, with a sentence that says what to do.
fails(openai.AuthenticationError, lambda: openai.OpenAI(base_url=base, api_key="wrong", max_retries=0).models.list(), "serve_key")
fails(openai.NotFoundError, lambda: client.embeddings.create(model="text-embedding-3-small", input="x"), ENCODER)
fails(openai.NotFoundError, lambda: client.chat.completions.create(**{**ask, "model": "gpt-4o"}), CHAT)
fails(openai.BadRequestError, lambda: client.embeddings.create(model=ENCODER, input=[[1, 2, 3]]), "Token ids")
fails(openai.BadRequestError, lambda: client.embeddings.create(model=ENCODER, input="x", dimensions=256), "384")
fails(openai.BadRequestError, lambda: client.embeddings.create(model=ENCODER, input=["x"] * 2049), "2048")
fails(openai.BadRequestError, lambda: client.chat.completions.create(**ask, n=2), "several answers")
fails(openai.BadRequestError, lambda: client.chat.completions.create(**{**ask, "messages": [{"role": "user", "content": "word " * 5000}]}), "tokens")
print("all of it works")
