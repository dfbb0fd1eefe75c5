//! Taking a quiz, with everything that can go wrong at its end.
