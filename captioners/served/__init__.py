"""Models behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama, TGI, a hosted API.

``served:MODEL`` sends each drawing, as text or as a picture, to ``POST {endpoint}/chat/completions``. The server holds
the model and its context limit; precision, batches and devices are its business.
"""
