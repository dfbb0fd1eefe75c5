//! What a certificate proves to a stranger.
