//! What the chat does with what was understood, alone and with an LMS.

mod act;
mod plan;
mod rights;
mod word;
