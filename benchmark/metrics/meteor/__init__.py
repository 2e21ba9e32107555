"""METEOR 1.5 (Denkowski and Lavie 2014) as the COCO caption evaluation computes it, without Java.

The tables of words, synonyms and paraphrases are those that pycocoevalcap ships. A request (``request``) is split into
words (``normalizer``), each pair of hypothesis and reference gets its candidate matches (``words`` and ``paraphrases``
say what can match, ``candidates`` where), a beam search chooses among them (``search``), and counts of what was chosen
(``alignment``) make the score (``scoring``). Everything that looks arbitrary in these modules is what the reference
implementation does, and changes scores.
"""
