//! The one statement that differs between the engines: claiming a conversation.

use super::sql::held;

/// How workers take a waiting conversation without waiting for one another.
///
/// `$1`: owner, `$2`: now, `$3`: end of the lease. Gives the claimed row, or none.
pub(super) trait Claiming {
    const TAKE_TURN: &'static str;
}

/// Everything but the way in which the row is picked.
macro_rules! take_turn {
    ($lock:literal) => {
        concat!(
            "UPDATE conversation SET lease_owner = $1, lease_until = $3 WHERE id = (\
             SELECT id FROM conversation WHERE asked_at IS NOT NULL AND (lease_until IS NULL OR lease_until <= $2) \
             ORDER BY asked_at, id LIMIT 1 ",
            $lock,
            ") RETURNING ",
            held!()
        )
    };
}

/// There is one writer at a time, so there is nobody to step around.
impl Claiming for sqlx::Sqlite {
    const TAKE_TURN: &'static str = take_turn!("");
}

/// Steps around rows that other transactions have locked.
impl Claiming for sqlx::Postgres {
    const TAKE_TURN: &'static str = take_turn!("FOR UPDATE SKIP LOCKED");
}
