//! Text: cleaned, shaped in any script, fitted to its room.

mod clean;
mod fit;
mod shape;

pub(crate) use clean::{clean, is_invisible};
pub(crate) use fit::{Room, fit};
pub(crate) use shape::{Line, Style, shape};
