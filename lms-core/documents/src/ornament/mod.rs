//! Ornaments, drawn as engravers draw them: many fine curves of one formula, each a little further along.

mod curve;
mod frame;
mod rosette;
mod seal;

pub(crate) use curve::{lens, modules, rectangle, star};
pub(crate) use frame::frame;
pub(crate) use rosette::watermark;
pub(crate) use seal::seal;
