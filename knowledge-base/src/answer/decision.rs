//! Whether what was found answers at all.

use crate::knowledge::Found;

/// Below this nearness of the best article nothing is answered.
const ANSWERABLE: f32 = 0.45;

/// The article that answers; `None` when none does.
pub(super) fn answerable(found: &[Found]) -> Option<&Found> {
    found.first().filter(|best| best.score >= ANSWERABLE)
}
