//! The academy under load: the built program on a database with a crowd in it. CI runs it small and asserts what must hold at any size;
//! `cargo xtask drill million` and `drill herd` run it at full size and show the figures.

mod bench;
mod herd;
mod million;

use std::env;

/// Whether this is a drill at full size.
fn is_drill() -> bool {
    env::var("PORTER_DRILL").is_ok_and(|drill| drill == "full")
}
