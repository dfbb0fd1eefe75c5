//! Answers in a model's words, sentence by sentence, as far as the passages support them.
