/// Stamps items once for each engine.
///
/// The items land in two modules, `sqlite` and `postgres`, in which everything of the surrounding
/// module is in scope and `engine` names [`db::sqlite`](crate::db::sqlite) or
/// [`db::postgres`](crate::db::postgres): `engine::Db`, `engine::Pool`, `engine::Tx`,
/// `engine::Engine`. One use per module.
///
/// `siblings a, b;` in front makes `a` and `b` name the same engine's half of the modules `a` and
/// `b`, which lie beside the surrounding one and were stamped too.
///
/// ```
/// mod count {
///     use porter_kernel::db::DbError;
///
///     porter_kernel::for_both_engines! {
///         pub(crate) async fn articles(db: &engine::Db) -> Result<i64, DbError> {
///             let count = sqlx::query_scalar("SELECT COUNT(*) FROM article");
///             Ok(count.fetch_one(db.read_fresh()).await?)
///         }
///     }
/// }
///
/// mod report {
///     use porter_kernel::db::DbError;
///
///     porter_kernel::for_both_engines! {
///         siblings count;
///         pub(crate) async fn line(db: &engine::Db) -> Result<String, DbError> {
///             Ok(format!("{} articles", count::articles(db).await?))
///         }
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! for_both_engines {
    (siblings $($sibling:ident),+; $($item:tt)*) => {
        pub(super) mod sqlite {
            use super::*;
            use $crate::db::sqlite as engine;
            $(use super::super::$sibling::sqlite as $sibling;)+
            $($item)*
        }
        pub(super) mod postgres {
            use super::*;
            use $crate::db::postgres as engine;
            $(use super::super::$sibling::postgres as $sibling;)+
            $($item)*
        }
    };
    ($($item:tt)*) => {
        pub(super) mod sqlite {
            use super::*;
            use $crate::db::sqlite as engine;
            $($item)*
        }
        pub(super) mod postgres {
            use super::*;
            use $crate::db::postgres as engine;
            $($item)*
        }
    };
}
