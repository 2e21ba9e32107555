"""Profile ``nltk``: BLEU, ROUGE-L and METEOR as NLTK and rouge-score compute them, which many theses report.

None of these numbers equals that of the COCO caption evaluation under the same name, so the columns have names of
their own. BLEU and METEOR get the words of ``nltk.word_tokenize(caption.lower(), preserve_line=True)``, punctuation
among them (``preserve_line``: a caption is one sentence, and no sentence splitter must be downloaded); ROUGE-L those
of rouge-score's own tokenizer.
"""
